# Sell tea on Stripe's own page. params: amount (in cents), quantity.
# When checkout.session.completed arrives, start examples/checkout_completed.
tea = {
    "currency": "usd",
    "unit_amount": params.get("amount", 1500),
    "product_data": {"name": "Tea"},
}
session = (
    new_checkout_session()
    .mode("payment")
    .line_items([{"price_data": tea, "quantity": params.get("quantity", 2)}])
    .client_reference_id(context_id)
    .success_url("https://shop.example.com/thanks?session_id={CHECKOUT_SESSION_ID}")
)
session.create_async(then="examples/checkout_session")
