# Bill by hand: draft an invoice, add its lines, open it and mail it.
# params: customer (default: a new sample), lines: dicts of description and amount (in cents).
if "customer" in params:
    customer(params["customer"]).retrieve_async(then="examples/invoice_customer")
else:
    sample = new_customer().name("Jenny Rosen").email("jenny@example.com")
    sample.create_async(then="examples/invoice_customer")
