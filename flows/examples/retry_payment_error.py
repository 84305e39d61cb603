error = parsed_error.error
if error.type != "card_error":
    raise RuntimeError(error.message)  # not the card's fault but ours: the run fails, visibly
print(f"declined: {error.get('decline_code', error.code)}")
if params["cards"]:
    # The same payment again, not a second one. This flow runs only where nothing was charged.
    first, *others = params["cards"]
    payment = payment_intent(error.payment_intent.id).payment_method(first).off_session(True)
    payment.confirm_async(params={"cards": others}, then="examples/retry_payment")
else:
    print(f"{error.payment_intent.id} waits for another card: ask the customer")
