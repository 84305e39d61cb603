if not parsed_data.email:
    raise RuntimeError(f"{parsed_data.id} has no email to send an invoice to")
draft = new_invoice().customer(parsed_data.id).currency("usd")
draft.collection_method("send_invoice").days_until_due(14)
draft.create_async(then="examples/invoice_draft")
