# Refund a payment. params: payment_intent, amount (in cents; default: everything that is left).
# Without a payment_intent, a test card pays first, so that there is a payment to refund.
if "payment_intent" in params:
    payment_intent(params["payment_intent"]).retrieve_async(then="examples/refund_payment")
else:
    sample = new_payment_intent().amount(2000).currency("usd").payment_method("pm_card_visa")
    sample.automatic_payment_methods({"enabled": True, "allow_redirects": "never"}).confirm(True)
    sample.create_async(then="examples/refund_payment")
