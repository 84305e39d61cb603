# Take a payment that the customer may have to confirm at their bank. params: amount (in cents),
# payment_method (from Stripe.js; default: a test card that requires 3-D Secure).
# When the customer is back at return_url, start examples/three_d_secure_returned.
payment = (
    new_payment_intent()
    .amount(params.get("amount", 2000))
    .currency("usd")
    .payment_method(params.get("payment_method", "pm_card_authenticationRequired"))
    .return_url("https://shop.example.com/paid")
    .confirm(True)
)
payment.create_async(then="examples/three_d_secure_payment", on_error="examples/declined")
