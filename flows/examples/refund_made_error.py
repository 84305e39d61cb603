if parsed_error.error.get("code") != "charge_already_refunded":
    raise RuntimeError(parsed_error.error.message)
print("it was given back before")
