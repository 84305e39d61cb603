# Fulfil a checkout after it is paid. params: session, its id.
# Start it with the event's id as run_id; also for checkout.session.async_payment_succeeded, since
# some payment methods take days.
session = checkout_session(params["session"]).expand(["line_items", "payment_intent"])
session.retrieve_async(then="examples/checkout_paid")
