print(f"{parsed_data.id} is marked as shipped")
