if parsed_data.schedule:
    planned = subscription_schedule(parsed_data.schedule)
    planned.retrieve_async(then="examples/plan_change_schedule")
else:
    planned = new_subscription_schedule().from_subscription(parsed_data.id)
    planned.create_async(then="examples/plan_change_schedule")
