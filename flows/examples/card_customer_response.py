setup = (
    new_setup_intent()
    .customer(parsed_data.id)
    .payment_method(params.get("payment_method", "pm_card_mastercard"))
    .return_url("https://shop.example.com/card")
    .usage("off_session")
    .confirm(True)
)
setup.create_async(then="examples/card_setup", on_error="examples/declined")
