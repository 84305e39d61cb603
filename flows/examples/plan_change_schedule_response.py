begun = parsed_data.current_phase.start_date
[now] = [phase for phase in parsed_data.phases if phase.start_date == begun]
items = [{"price": item.price, "quantity": item.quantity} for item in now.items]
changed = {
    "items": [
        {"price": params.get("price", items[0]["price"]), "quantity": params.get("seats", 1)}
    ],
    "duration": {"interval": "month"},
    "proration_behavior": "none",
}
phases = [{"start_date": begun, "end_date": now.end_date, "items": items}, changed]
planned = subscription_schedule(parsed_data.id).phases(phases).end_behavior("release")
planned.update_async(then="examples/plan_change_planned")
