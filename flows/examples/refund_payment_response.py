if parsed_data.status == "requires_capture":
    # Nothing was taken yet, so it is let go.
    payment_intent(parsed_data.id).cancel_async(then="examples/refund_canceled")
else:
    back = new_refund().payment_intent(parsed_data.id).amount(params.get("amount"))
    back.reason("requested_by_customer").create_async(then="examples/refund_made")
