"""Statuses of a test clock: `advancing` in the answer, `ready` for the next request."""

from __future__ import annotations

from stripe_flows.simulator.objects import timers
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.types import Fields


def begin(world: World, clock: Fields, target: int) -> None:
    """Set a clock to `advancing` towards a time (seconds since 1970)."""
    clock |= {
        "status": "advancing",
        "status_details": {"advancing": {"target_frozen_time": target}},
    }
    world.put(clock)
    world.emit("test_helpers.test_clock.advancing", clock)


def finish(world: World, clock_id: str, *, success: bool | None) -> Fields:
    """Set a clock to `ready`. `success` has no meaning for a clock."""
    timers.cancel(world, clock_id)
    found = world.named_by_path("test_helpers.test_clock", clock_id, "test_clock")
    found |= {"status": "ready", "status_details": {"advancing": None}}
    world.put(found)
    world.emit("test_helpers.test_clock.ready", found)
    return found
