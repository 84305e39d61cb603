recurring = {"interval": "month", "usage_type": "metered", "meter": parsed_data.id}
by_call = new_price().currency("usd").unit_amount(2).recurring(recurring)
by_call.product_data({"name": "API calls"})
by_call.create_async(
    params=params | {"then": "examples/usage_subscription"}, then="examples/subscribe_price"
)
