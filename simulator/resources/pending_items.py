"""Which invoice items of a customer wait for an invoice: noted, so that nobody searches them all."""

from __future__ import annotations

from stripe_flows.simulator.values import Fields
from stripe_flows.simulator.world import World

_PENDING = "_pending_items"


def pending(world: World, customer: str) -> list[Fields]:
    """A customer's items that are on no invoice yet, oldest first."""
    noted = (world.store.get(_PENDING, customer) or {"items": []})["items"]
    found = (world.store.get("invoiceitem", key) for key in noted)
    return [item for item in found if item is not None and item["invoice"] is None]


def await_invoice(world: World, item: Fields) -> Fields:
    """Keep an item until an invoice takes it."""
    waiting = [one["id"] for one in pending(world, item["customer"])]
    world.store.put(_PENDING, {"id": item["customer"], "items": [*waiting, item["id"]]})
    return world.put(item)
