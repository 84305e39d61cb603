"""Test clocks: time for the customers on them, and what becomes due while it passes.

Source: Stripe's document "Test clocks". Advancing is done when it is answered, where Stripe needs a
moment; the steps between are taken in their order.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.local.simulator.consequences import follow
from stripe_flows.local.simulator.problems import invalid_request
from stripe_flows.local.simulator.resources import customers
from stripe_flows.local.simulator.resources.dues import next_due
from stripe_flows.local.simulator.resources.periods import DAY
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import Handlers, World

MAX_STEPS = 1_000


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
        due = next_due(world, found["id"])
        if due is None or due.moment > wanted:
            break
        found["frozen_time"] = max(due.moment, found["frozen_time"])
        world.put(found)
        due.act(world, due.subject)
        follow(world)
        # Each step by itself, so that its events show the objects as they are then.
        world.commit()
    found |= {"frozen_time": wanted, "status": "ready"}
    world.put(found)
    world.emit("test_helpers.test_clock.ready", found)
    return found


def delete(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """With the clock go the customers on it, and with them their subscriptions."""
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
