# Charge a customer who is not there; if a card is declined, try the next one.
# params: amount (in cents), customer, cards: ids of payment methods (default: two test cards).
first, *others = params.get(
    "cards", ["pm_card_visa_chargeDeclinedInsufficientFunds", "pm_card_visa"]
)
payment = (
    new_payment_intent()
    .amount(params.get("amount", 2000))
    .currency("usd")
    .customer(params.get("customer"))
    .payment_method(first)
    .automatic_payment_methods({"enabled": True, "allow_redirects": "never"})
    .off_session(True)
    .confirm(True)
)
payment.create_async(params={"cards": others}, then="examples/retry_payment")
