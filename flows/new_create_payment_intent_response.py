print(f"✅ Payment Intent Created: {parsed_data.id}")
print(f"Status: {parsed_data.status}")
if parsed_data.status == "requires_payment_method":
    print("Ready for frontend payment collection")
