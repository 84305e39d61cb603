"""Trials of subscriptions: what happens when one ends."""

from __future__ import annotations

from stripe_flows.local.simulator.resources.customers import default_method
from stripe_flows.local.simulator.resources.subscription_billing import renew
from stripe_flows.local.simulator.resources.subscription_endings import end
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import World


def end_trial(world: World, subscription: Fields) -> None:
    """A trial is over by itself: the first period is billed, unless nobody can pay for it."""
    missing = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    customer = world.store.get("customer", subscription["customer"]) or {}
    has_method = subscription["default_payment_method"] or default_method(customer)
    subscription["status"] = "active"
    if not has_method and missing == "cancel":
        end(world, subscription, {})
    elif not has_method and missing == "pause":
        subscription["status"] = "paused"
        world.emit("customer.subscription.paused", subscription)
    else:
        renew(world, subscription)
    world.put(subscription)
