print(f"{parsed_data.id} is open: the customer pays at {parsed_data.url}")
