if parsed_data.status == "requires_action":
    print(f"{parsed_data.id} has to be confirmed at {parsed_data.next_action.redirect_to_url.url}")
elif parsed_data.status == "requires_payment_method":
    print(f"{parsed_data.id} failed: {parsed_data.last_payment_error.message}")
else:
    print(f"{parsed_data.id} is {parsed_data.status}")
