"""What happens to an object by itself, some time after a request: a debit that clears, a refund that
fails. It waits in the store, and is looked for when the next request comes.
"""

from __future__ import annotations

from stripe_flows.simulator.world import World

_WAITING = "_later"


def plan(world: World, key: str, after: float | None) -> None:
    """Let something happen to the object so many seconds from now; None: only when it is asked for."""
    if after is not None:
        world.store.put(_WAITING, {"id": key, "at": world.now() + after})


def forget(world: World, key: str) -> None:
    """It has happened, or never will."""
    world.store.remove(_WAITING, key)


def due(world: World) -> list[str]:
    """The ids of the objects whose time has come, in the order in which they were planned."""
    return [one["id"] for one in world.store.all(_WAITING) if one["at"] <= world.now()]
