"""Test clocks: time for the customers on them.

Source: Stripe's document "Test clocks". An advance is complete when it is answered, while Stripe
needs a moment; the next request finds the clock ready. The actions in between are carried out in
order.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from stripe_flows.simulator.objects import timers
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.payments import customers
from stripe_flows.simulator.periods import DAY, period_end
from stripe_flows.simulator.problems import invalid_request
from stripe_flows.simulator.reactions import react
from stripe_flows.simulator.types import Fields

from . import advancing
from .due_actions import next_due

MAX_STEPS = 1_000
_TWO_YEARS = {"interval": "year", "interval_count": 2}


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
    _check_reach(world, found, wanted)
    advancing.begin(world, found, wanted)
    world.commit()
    for _ in range(MAX_STEPS):
        due = next_due(world, found["id"])
        if due is None or due.moment > wanted:
            break
        found["frozen_time"] = max(due.moment, found["frozen_time"])
        world.put(found)
        due.act(world, due.subject)
        react(world)
        # Each step is committed alone, so that its events show the objects at that time.
        world.commit()
    timers.start(world, found["id"], 0)
    return world.put(found | {"frozen_time": wanted})


def _check_reach(world: World, clock: Fields, wanted: int) -> None:
    """Raise `Problem` (400) for a time that is too far ahead."""
    now = clock["frozen_time"]
    rhythms = [price["recurring"] for price in _prices(world, clock["id"])]
    twice = [{**one, "interval_count": 2 * one["interval_count"]} for one in rhythms if one]
    limit = min((period_end(now, one) for one in twice), default=period_end(now, _TWO_YEARS))
    if wanted > limit:
        reach = "two intervals of the shortest subscription on it" if twice else "two years"
        raise invalid_request(
            f"A test clock advances {reach} at most, which is up to {limit}; not to {wanted}.",
            param="frozen_time",
        )


def _prices(world: World, clock: str) -> Iterator[Fields]:
    """Return the prices of the subscriptions that run, or will run, on a clock."""
    for found in world.all("subscription", test_clock=clock):
        if found["status"] not in ("canceled", "incomplete_expired"):
            yield from (row["price"] for row in found["items"]["data"])
    for schedule in world.all("subscription_schedule", test_clock=clock, status="not_started"):
        for phase in schedule["phases"]:
            yield from (world.referred("price", row["price"], "price") for row in phase["items"])


def delete(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """Delete a clock, the customers on it and their subscriptions."""
    found = world.named_by_path("test_helpers.test_clock", ids[0], "test_clock")
    for customer in world.all("customer", test_clock=found["id"]):
        customers.delete(world, {}, (customer["id"],))
    world.store.remove(found["object"], found["id"])
    return {"id": found["id"], "object": found["object"], "deleted": True}


HANDLERS: Handlers = MappingProxyType(
    {
        "DELETE /v1/test_helpers/test_clocks/{test_clock}": delete,
        "POST /v1/test_helpers/test_clocks": create,
        "POST /v1/test_helpers/test_clocks/{test_clock}/advance": advance,
    }
)
