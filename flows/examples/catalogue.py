# Bring our catalogue to Stripe. Run it after each change: it changes only what differs.
# params: products, dicts of sku, name and amount (in cents).
teas = [
    {"sku": "tea-green", "name": "Green tea", "amount": 1200},
    {"sku": "tea-black", "name": "Black tea", "amount": 900},
]
for wanted in params.get("products", teas):
    found = prices().lookup_keys([wanted["sku"]]).active(True).expand(["data.product"])
    found.list_async(params=wanted, then="examples/catalogue_price")
