# Check a payment that had to be confirmed. params: payment_intent, its id.
payment_intent(params["payment_intent"]).retrieve_async(then="examples/three_d_secure_payment")
