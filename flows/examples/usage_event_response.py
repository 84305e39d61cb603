print(f"{parsed_data.payload.value} calls of {parsed_data.payload.stripe_customer_id} are counted")
