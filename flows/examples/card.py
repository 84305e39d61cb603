# Save a customer's new card for the next invoices. params: customer (default: a new sample),
# payment_method (from Stripe.js; default: a test card).
# If the bank has to confirm it, start examples/card_returned after setup_intent.succeeded.
if "customer" in params:
    customer(params["customer"]).retrieve_async(then="examples/card_customer")
else:
    new_customer().email("jenny@example.com").create_async(then="examples/card_customer")
