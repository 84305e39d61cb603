print(
    f"{parsed_data.id} of {parsed_data.amount_due} {parsed_data.currency} is {parsed_data.status}"
)
print(f"it is paid at {parsed_data.hosted_invoice_url}")
