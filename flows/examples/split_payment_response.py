fee, seller = parsed_data.application_fee_amount, parsed_data.transfer_data.destination
print(
    f"{parsed_data.id} is {parsed_data.status}: {parsed_data.amount - fee} for {seller}, {fee} for us"
)
