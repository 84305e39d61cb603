# Check how a dispute ended. params: dispute, its id.
dispute(params["dispute"]).retrieve_async(then="examples/dispute_answered")
