print(f"{parsed_data.id} is {parsed_data.status}: report what {parsed_data.customer} uses")
