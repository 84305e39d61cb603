print(f"{parsed_data.id} is {parsed_data.status}")
