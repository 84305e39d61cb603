print(f"{parsed_data.id} is sold no more")
