invoice(parsed_data.id).finalize_async(then="examples/invoice_final")
