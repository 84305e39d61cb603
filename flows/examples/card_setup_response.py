if parsed_data.status == "requires_action":
    print(f"{parsed_data.id} has to be confirmed at {parsed_data.next_action.redirect_to_url.url}")
elif parsed_data.status == "succeeded":
    charged = customer(parsed_data.customer)
    charged.invoice_settings({"default_payment_method": parsed_data.payment_method})
    charged.update_async(then="examples/card_default")
else:
    print(f"{parsed_data.id} is {parsed_data.status}: the card is not saved")
