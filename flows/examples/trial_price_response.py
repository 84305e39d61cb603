customer = new_customer().email(params.get("email", "jenny@example.com"))
customer.test_clock(params.get("test_clock"))  # None leaves it out
customer.create_async(params={"price": parsed_data.id}, then="examples/trial_customer")
