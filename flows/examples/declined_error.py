error = parsed_error.error
if error.type != "card_error":
    raise RuntimeError(error.message)  # not the card's fault but ours: the run fails, visibly
print(f"declined: {error.get('decline_code', error.code)}")
