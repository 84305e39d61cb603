# A payment that Stripe declines: the error flow follows.
result = (
    new_payment_intent()
    .amount(2000)
    .currency("usd")
    .payment_method("pm_card_chargeDeclined")
    .confirm(True)
    .automatic_payment_methods({"enabled": True, "allow_redirects": "never"})
    .create_async(worker_id, context_id, stripe_secret)
)

print(f"Request dispatched: {result}")
