print(f"{params['sku']} is called {parsed_data.name} now")
