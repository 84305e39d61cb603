print(f"{params['sku']} costs {parsed_data.unit_amount} now: {parsed_data.id}")
if "old" in params:
    price(params["old"]).active(False).update_async(then="examples/catalogue_old")
