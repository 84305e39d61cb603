"""Pending invoice items, and the invoice lines that their credits refer to."""

from __future__ import annotations

from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.types import Fields

_PENDING = "_pending_items"


def pending(world: World, customer: str) -> list[Fields]:
    """Return a customer's items that are on no invoice yet, oldest first."""
    noted = (world.store.get(_PENDING, customer) or {"items": []})["items"]
    found = (world.store.get("invoiceitem", item_id) for item_id in noted)
    return [item for item in found if item is not None and item["invoice"] is None]


def await_invoice(world: World, item: Fields) -> Fields:
    """Store an item as pending until an invoice takes it."""
    waiting = [one["id"] for one in pending(world, item["customer"])]
    world.store.put(_PENDING, {"id": item["customer"], "items": [*waiting, item["id"]]})
    return world.put(item)


_CREDITED = "_credited_items"


def note_credited(world: World, credit: Fields, subscription: Fields, item: Fields) -> None:
    """Record which lines a pending credit gives back, for the line that the credit becomes."""
    latest = world.store.get("invoice", subscription["latest_invoice"] or "")
    others = reversed(world.all("invoice", customer=subscription["customer"]))
    for invoice in (latest, *others) if latest else others:
        lines = [line["id"] for line in invoice["lines"]["data"] if _charges(world, line, item)]
        if lines:
            found = {"invoice": invoice["id"], "invoice_line_items": lines}
            world.store.put(_CREDITED, {"id": credit["id"], "items": found})
            return


def credited_of(world: World, credit: Fields) -> Fields | None:
    """Return the `credited_items` of a line."""
    noted = world.store.get(_CREDITED, credit["id"])
    return None if noted is None else noted["items"]


def _charges(world: World, line: Fields, item: Fields) -> bool:
    """Return whether a line charges an item's current price for a period that is not over."""
    price = ((line["pricing"] or {}).get("price_details") or {}).get("price")
    if line["amount"] <= 0 or price != item["price"]["id"]:
        return False
    if line["period"]["end"] != item["current_period_end"]:
        return False
    parent = line["parent"] or {}
    regular = parent.get("subscription_item_details")
    if regular is not None:
        return bool(regular["subscription_item"] == item["id"])
    single = parent.get("invoice_item_details") or {}
    pending = world.store.get("invoiceitem", single.get("invoice_item") or "") or {}
    details = (pending.get("parent") or {}).get("subscription_details") or {}
    return bool(details.get("subscription_item") == item["id"])
