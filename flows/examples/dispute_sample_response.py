disputes().payment_intent(parsed_data.id).list_async(then="examples/dispute_list")
