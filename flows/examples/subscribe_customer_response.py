subscription = new_subscription().customer(parsed_data.id)
subscription.items([{"price": params["price"], "quantity": params.get("quantity")}])
subscription.create_async(then=params["then"])
