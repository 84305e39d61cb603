old = parsed_data.data[0] if parsed_data.data else None
new = new_price().currency("usd").unit_amount(params["amount"])
new.lookup_key(params["sku"]).transfer_lookup_key(True)
if old is None:
    new.product_data({"name": params["name"]}).create_async(then="examples/catalogue_new")
elif old.unit_amount != params["amount"]:
    # A price keeps its amount for ever: another one takes its place, and its lookup key.
    new.product(old.product.id)
    new.create_async(params=params | {"old": old.id}, then="examples/catalogue_new")
else:
    print(f"{params['sku']} costs {old.unit_amount} as before")
if old is not None and old.product.name != params["name"]:
    product(old.product.id).name(params["name"]).update_async(then="examples/catalogue_name")
