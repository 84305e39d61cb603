invoice(parsed_data.id).send_async(then="examples/invoice_sent")
