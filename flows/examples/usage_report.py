# Counts what a customer has used; it is on the next invoice. params: customer, calls (how many),
# id: your own for what is counted, so that it is counted once, however often it is reported;
# at: when it was used, in seconds since 1970 (now).
event = new_billing_meter_event().event_name("api_calls").identifier(params["id"])
event.payload({"stripe_customer_id": params["customer"], "value": str(params["calls"])})
event.timestamp(params.get("at")).create_async(then="examples/usage_event")
