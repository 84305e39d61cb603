# Change a subscription when its period ends; until then it stays as it was paid for.
# params: subscription (default: a new sample with 3 seats), price, seats (default: 1), test_clock.
# To end it then: subscription(id).cancel_at_period_end(True).update_async()
if "subscription" in params:
    subscription(params["subscription"]).retrieve_async(then="examples/plan_change_subscription")
else:
    sample = new_price().currency("usd").unit_amount(900).recurring({"interval": "month"})
    sample.product_data({"name": "Seat"})
    given = params | {"then": "examples/plan_change_subscription", "quantity": 3}
    sample.create_async(params=given, then="examples/subscribe_price")
