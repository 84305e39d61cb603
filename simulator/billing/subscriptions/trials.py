"""Trials of subscriptions: start, announcement and end.

Source: Stripe's documents "Use trial periods on subscriptions" and "Types of events":
`trial_will_end` comes three days before, or at once for a trial that ends sooner or now.
"""

from __future__ import annotations

from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.payments import setup_intents
from stripe_flows.simulator.payments.customers import default_method
from stripe_flows.simulator.periods import DAY
from stripe_flows.simulator.problems import invalid_request
from stripe_flows.simulator.types import Fields

from .billing import renew
from .cancellation import end

NOTICE = 3 * DAY
"""Seconds between the announcement and the end of a trial."""

_ANNOUNCED = "_trial_announced"
_WAITING = "_awaits_setup"


def begin_trial(made: Fields, params: Fields) -> None:
    """Set the trial from the parameters. Raise `Problem` (400)."""
    last = params.get("trial_end")
    days = params.get("trial_period_days")
    if isinstance(last, int):
        if last <= made["created"]:
            raise invalid_request("trial_end must be in the future.", param="trial_end")
    elif days and last != "now":
        last = made["created"] + days * DAY
    if isinstance(last, int):
        made |= {"trial_start": made["created"], "trial_end": last, "billing_cycle_anchor": last}


def change_trial(world: World, found: Fields, params: Fields) -> bool:
    """Move the end of a trial. Return True if it ends now and a period has to begin."""
    wanted = params.get("trial_end")
    now = world.time_of(found)
    if wanted == "now" and found["status"] == "trialing":
        found |= {"status": "active", "trial_end": now}
        world.emit("customer.subscription.trial_will_end", found)
        return True
    if isinstance(wanted, int):
        if wanted <= now:
            raise invalid_request("trial_end must be in the future.", param="trial_end")
        found |= {"status": "trialing", "trial_end": wanted, "billing_cycle_anchor": wanted}
        found["trial_start"] = found["trial_start"] or now
        for item in found["items"]["data"]:
            item["current_period_end"] = wanted
        announce_if_near(world, found)
    return False


def announcement(world: World, subscription: Fields) -> int | None:
    """Return when a trial is announced (seconds since 1970), None if it was already."""
    last = subscription["trial_end"]
    told = world.store.get(_ANNOUNCED, subscription["id"]) or {"end": None}
    return None if last is None or told["end"] == last else int(last) - NOTICE


def announce(world: World, subscription: Fields) -> None:
    """Record that a trial will end, once for each end."""
    world.store.put(_ANNOUNCED, {"id": subscription["id"], "end": subscription["trial_end"]})
    world.emit("customer.subscription.trial_will_end", subscription)


def announce_if_near(world: World, subscription: Fields) -> None:
    moment = announcement(world, subscription)
    if moment is not None and moment <= world.time_of(subscription):
        announce(world, subscription)


def await_method(world: World, subscription: Fields) -> None:
    """Create a setup intent for a trial that begins without a payment method."""
    if subscription["collection_method"] != "charge_automatically":
        return
    customer = world.store.get("customer", subscription["customer"]) or {}
    if subscription["default_payment_method"] or default_method(customer):
        return
    intent = setup_intents.create(world, {"customer": subscription["customer"]}, ())
    world.store.put(_WAITING, {"id": intent["id"], "subscription": subscription["id"]})
    subscription["pending_setup_intent"] = intent["id"]


def keep_method(world: World, intent: Fields) -> None:
    """Keep the payment method of the setup intent that a subscription waits for."""
    link = world.store.get(_WAITING, intent["id"])
    found = world.store.get("subscription", link["subscription"]) if link else None
    if found is None:
        return
    world.store.remove(_WAITING, intent["id"])
    world.put(
        found | {"pending_setup_intent": None, "default_payment_method": intent["payment_method"]}
    )


def end_trial(world: World, subscription: Fields) -> None:
    """End a trial: bill the first period, unless there is no payment method."""
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
