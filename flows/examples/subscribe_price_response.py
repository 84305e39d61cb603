# Part of several examples: subscribe a customer with a card to the price. params: then (the flow that
# continues), quantity, customer (default: a new sample), test_clock.
given = params | {"price": parsed_data.id}
if "customer" in params:
    customer(params["customer"]).retrieve_async(params=given, then="examples/subscribe_customer")
else:
    sample = new_customer().email("jenny@example.com").payment_method("pm_card_visa")
    sample.invoice_settings({"default_payment_method": "pm_card_visa"})
    sample.test_clock(params.get("test_clock"))
    sample.create_async(params=given, then="examples/subscribe_customer")
