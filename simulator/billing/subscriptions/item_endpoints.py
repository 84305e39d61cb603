"""Endpoints of subscription items: each request is a change of their subscription."""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.objects.listing import list_rows
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import resource_missing
from stripe_flows.simulator.types import Fields

from . import subscriptions

_OF_SUBSCRIPTION = ("proration_behavior", "proration_date", "payment_behavior")


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.referred("subscription", params["subscription"], "subscription")
    known = {row["id"] for row in found["items"]["data"]}
    changed = _change(world, found["id"], params, {})
    waiting = (changed["pending_update"] or {}).get("subscription_items") or []
    rows = [*changed["items"]["data"], *waiting]
    return next(row for row in rows if row["id"] not in known)


def retrieve(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    return _row(_subscription(world, ids[0]), ids[0])


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = _subscription(world, ids[0])
    return _row(_change(world, found["id"], params, {"id": ids[0]}), ids[0])


def delete(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = _subscription(world, ids[0])
    _change(world, found["id"], params, {"id": ids[0], "deleted": True})
    return {"id": ids[0], "object": "subscription_item", "deleted": True}


def list_items(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.referred("subscription", params["subscription"], "subscription")
    return list_rows(found["items"]["data"], "/v1/subscription_items", params)


def _change(world: World, subscription_id: str, params: Fields, change: Fields) -> Fields:
    whole = {k: v for k, v in params.items() if k in _OF_SUBSCRIPTION}
    row = {k: v for k, v in params.items() if k not in (*_OF_SUBSCRIPTION, "subscription")}
    return subscriptions.update(world, whole | {"items": [row | change]}, (subscription_id,))


def _subscription(world: World, item: str) -> Fields:
    link = world.store.get("_item_of", item)
    found = world.store.get("subscription", link["subscription"]) if link else None
    if found is None:
        raise resource_missing("subscription_item", item, param="item", in_path=True)
    return found


def _row(subscription: Fields, item: str) -> Fields:
    for row in subscription["items"]["data"]:
        if row["id"] == item:
            found: Fields = row
            return found
    raise resource_missing("subscription_item", item, param="item", in_path=True)


HANDLERS: Handlers = MappingProxyType(
    {
        "GET /v1/subscription_items": list_items,
        "GET /v1/subscription_items/{item}": retrieve,
        "POST /v1/subscription_items": create,
        "POST /v1/subscription_items/{item}": update,
        "DELETE /v1/subscription_items/{item}": delete,
    }
)
