print(f"{parsed_data.customer} is {parsed_data.status} with {parsed_data.id}")
