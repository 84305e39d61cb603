# Saves a customer's new card, to be charged from the next invoice on. params: customer (without one
# a sample is made), payment_method (as Stripe.js gives it; a test card without).
# When the bank wants to ask, start examples/card_returned once setup_intent.succeeded arrives.
if "customer" in params:
    customer(params["customer"]).retrieve_async(then="examples/card_customer")
else:
    new_customer().email("jenny@example.com").create_async(then="examples/card_customer")
