# Bills by hand: drafts an invoice, adds its lines, opens it and mails it.
# params: customer (without one a sample is made), lines: dicts of description and amount (in cents).
if "customer" in params:
    customer(params["customer"]).retrieve_async(then="examples/invoice_customer")
else:
    sample = new_customer().name("Jenny Rosen").email("jenny@example.com")
    sample.create_async(then="examples/invoice_customer")
