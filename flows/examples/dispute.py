# Answer a dispute: start it when charge.dispute.created arrives. params: dispute (default: that of
# a payment with a test card), evidence (a dict).
# When charge.dispute.closed arrives, start examples/dispute_closed.
if "dispute" in params:
    dispute(params["dispute"]).retrieve_async(then="examples/dispute_opened")
else:
    sample = new_payment_intent().amount(2000).currency("usd").confirm(True)
    sample.payment_method("pm_card_createDispute")
    sample.automatic_payment_methods({"enabled": True, "allow_redirects": "never"})
    wins = {"uncategorized_text": "winning_evidence"}  # so it is with test cards
    sample.create_async(params={"evidence": wins}, then="examples/dispute_sample")
