payment = parsed_data.payment_intent
if parsed_data.payment_status != "paid":
    print(f"{parsed_data.id} is {parsed_data.payment_status}: nothing is shipped yet")
elif "shipped" in payment.metadata:
    print(f"{parsed_data.id} was shipped before")
else:
    for item in parsed_data.line_items.data:
        print(f"ship {item.quantity} x {item.description}")
    marked = payment_intent(payment.id).metadata({"shipped": "yes"})
    marked.update_async(then="examples/checkout_shipped")
