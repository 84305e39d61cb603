if parsed_data.status not in ("needs_response", "warning_needs_response"):
    print(f"{parsed_data.id} is {parsed_data.status}: there is nothing to answer")
else:
    print(f"{parsed_data.id}: {parsed_data.amount} {parsed_data.currency}, {parsed_data.reason}")
    answer = dispute(parsed_data.id).evidence(params["evidence"])
    answer.submit(True).update_async(then="examples/dispute_answered")  # there is but one try
