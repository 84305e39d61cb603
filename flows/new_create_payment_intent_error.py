print(f"❌ Payment Intent Failed: {parsed_error.error.type}")
print(f"Message: {parsed_error.error.message}")
if parsed_error.error.type == "card_error":
    print("Card was declined")
