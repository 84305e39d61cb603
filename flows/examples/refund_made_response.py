print(f"{parsed_data.id} of {parsed_data.amount} {parsed_data.currency} is {parsed_data.status}")
