known = [meter.id for meter in parsed_data.data if meter.event_name == "api_calls"]
if known:
    billing_meter(known[0]).retrieve_async(then="examples/usage_meter")
else:
    meter = new_billing_meter().event_name("api_calls").display_name("API calls")
    meter.default_aggregation({"formula": "sum"}).create_async(then="examples/usage_meter")
