last = parsed_data.phases[-1].items[0]
print(f"{parsed_data.subscription} changes when its period ends: {last.quantity} x {last.price}")
