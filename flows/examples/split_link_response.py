print(f"{params['account']} cannot be paid yet: the seller goes to {parsed_data.url}")
