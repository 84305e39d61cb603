subscription = (
    new_subscription()
    .customer(parsed_data.id)
    .items([{"price": params["price"]}])
    .trial_period_days(14)
    .trial_settings({"end_behavior": {"missing_payment_method": "cancel"}})
)
subscription.create_async(then="examples/trial_subscription")
