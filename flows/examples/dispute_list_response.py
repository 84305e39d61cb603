for opened in parsed_data.data:
    dispute(opened.id).retrieve_async(then="examples/dispute_opened")
