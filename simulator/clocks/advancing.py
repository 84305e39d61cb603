"""A test clock that advances: `advancing` in the answer, `ready` for who asks next."""

from __future__ import annotations

from stripe_flows.simulator.objects import timers
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.types import Fields


def begin(world: World, clock: Fields, target: int) -> None:
    """The clock is on its way to a time (seconds since 1970)."""
    clock |= {
        "status": "advancing",
        "status_details": {"advancing": {"target_frozen_time": target}},
    }
    world.put(clock)
    world.emit("test_helpers.test_clock.advancing", clock)


def finish(world: World, key: str, *, success: bool | None) -> Fields:
    """The clock has come to its time; there is no other way for it to end."""
    timers.cancel(world, key)
    found = world.named_by_path("test_helpers.test_clock", key, "test_clock")
    found |= {"status": "ready", "status_details": {"advancing": None}}
    world.put(found)
    world.emit("test_helpers.test_clock.ready", found)
    return found
