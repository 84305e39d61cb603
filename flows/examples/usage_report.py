# Count what a customer has used, for the next invoice. params: customer, calls (how many),
# id: your own id of this use, so that it is counted once, however often it is reported;
# at: the time of the use in seconds since 1970 (default: now).
event = new_billing_meter_event().event_name("api_calls").identifier(params["id"])
event.payload({"stripe_customer_id": params["customer"], "value": str(params["calls"])})
event.timestamp(params.get("at")).create_async(then="examples/usage_event")
