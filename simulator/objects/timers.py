"""Timers: changes that happen to an object some seconds after a request.

A debit clears, a refund fails. Timers are kept in the store and checked when the next request
arrives.
"""

from __future__ import annotations

from .world import World

SOON, LATER = 5.0, 180.0
"""Seconds until the sandbox settles a payment: a moment, or three minutes for delayed test accounts."""

_TIMERS = "_later"


def start(world: World, object_id: str, seconds: float | None) -> None:
    """Start a timer for an object. None starts no timer: the object waits for a control request."""
    if seconds is not None:
        world.store.put(_TIMERS, {"id": object_id, "at": world.now() + seconds})


def cancel(world: World, object_id: str) -> None:
    """Remove the timer of an object, if it has one."""
    world.store.remove(_TIMERS, object_id)


def due(world: World) -> list[str]:
    """Return the ids of the objects whose timer has expired, oldest timer first."""
    return [one["id"] for one in world.store.all(_TIMERS) if one["at"] <= world.now()]
