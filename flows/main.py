# Starts a payment: params["customer"] is the customer's id at Stripe.
payment_intent = (
    new_payment_intent()
    .amount(2000)  # in cents
    .currency("usd")
    .customer(params["customer"])
)

# every parameter is passed; there are no globals
result = payment_intent.create_async(worker_id, context_id, stripe_secret)

print(f"Request dispatched: {result}")
# the script ends here; the HTTP request happens in the background
