"""Test clocks: time for the customers on them, and what becomes due while it passes.

Source: Stripe's document "Test clocks". Advancing is done when it is answered, where Stripe needs a
moment; the steps between are taken in their order.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.local.simulator.problems import invalid_request
from stripe_flows.local.simulator.resources.balance import DAY
from stripe_flows.local.simulator.resources.schedules import enter_phases
from stripe_flows.local.simulator.resources.subscription_billing import renew
from stripe_flows.local.simulator.resources.subscriptions import end
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import Handlers, World

MAX_STEPS = 1_000
_LIVING = ("active", "trialing", "past_due", "incomplete", "unpaid")
INCOMPLETE_SECONDS = DAY - 3600
"""How long an incomplete subscription waits for its first payment: 23 hours."""


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    made = world.new("test_helpers.test_clock")
    world.apply(made, params)
    made["deletes_after"] = made["created"] + 30 * DAY
    return world.put(made)


def advance(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("test_helpers.test_clock", ids[0], "test_clock")
    wanted = params["frozen_time"]
    if wanted <= found["frozen_time"]:
        raise invalid_request(
            "A test clock only goes forward: the new time is not after the present one.",
            param="frozen_time",
        )
    for _ in range(MAX_STEPS):
        due = _next_due(world, found["id"])
        if due is None or due[0] > wanted:
            break
        found["frozen_time"] = max(due[0], found["frozen_time"])
        world.put(found)
        _step(world, due[1])
    found |= {"frozen_time": wanted, "status": "ready"}
    world.put(found)
    world.emit("test_helpers.test_clock.ready", found)
    return found


def _next_due(world: World, clock: str) -> tuple[int, Fields] | None:
    dues = [
        (moment, subscription)
        for subscription in world.all("subscription", test_clock=clock)
        if (moment := _due(subscription)) is not None
    ]
    return min(dues, key=lambda due: due[0], default=None)


def _due(subscription: Fields) -> int | None:
    """When something happens to a subscription next."""
    if subscription["status"] not in _LIVING or not subscription["items"]["data"]:
        return None
    if subscription["status"] == "incomplete":
        return int(subscription["created"]) + INCOMPLETE_SECONDS
    moments = [row["current_period_end"] for row in subscription["items"]["data"]]
    if subscription["cancel_at"] is not None:
        moments.append(subscription["cancel_at"])
    return int(min(moments))


def _step(world: World, subscription: Fields) -> None:
    now = world.time_of(subscription)
    if subscription["status"] == "incomplete":
        subscription |= {"status": "incomplete_expired", "ended_at": now}
        world.put(subscription)
        return
    if subscription["cancel_at"] is not None and subscription["cancel_at"] <= now:
        end(world, subscription, {})
        return
    ended_trial = subscription["status"] == "trialing"
    if enter_phases(world, subscription, now):
        return
    if ended_trial:
        _end_trial(world, subscription)
    else:
        renew(world, subscription)
    world.put(subscription)


def _end_trial(world: World, subscription: Fields) -> None:
    settings = subscription["trial_settings"]["end_behavior"]
    subscription["status"] = "active"
    missing = settings["missing_payment_method"]
    customer = world.store.get("customer", subscription["customer"]) or {}
    has_method = subscription["default_payment_method"] or (
        (customer.get("invoice_settings") or {}).get("default_payment_method")
        or customer.get("default_source")
    )
    if not has_method and missing == "cancel":
        end(world, subscription, {})
        return
    if not has_method and missing == "pause":
        subscription["status"] = "paused"
        world.emit("customer.subscription.paused", subscription)
        return
    renew(world, subscription)


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/test_helpers/test_clocks": create,
        "POST /v1/test_helpers/test_clocks/{test_clock}/advance": advance,
    }
)
