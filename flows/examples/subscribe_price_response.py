# Part of several examples: a customer, with a card, subscribes to the price. params: then, where to
# go on with the subscription; quantity; customer (without one a sample is made), test_clock.
given = params | {"price": parsed_data.id}
if "customer" in params:
    customer(params["customer"]).retrieve_async(params=given, then="examples/subscribe_customer")
else:
    sample = new_customer().email("jenny@example.com").payment_method("pm_card_visa")
    sample.invoice_settings({"default_payment_method": "pm_card_visa"})
    sample.test_clock(params.get("test_clock"))
    sample.create_async(params=given, then="examples/subscribe_customer")
