"""An operation of the catalog → what carries it out: a resource's own handler, or a generic verb.

A further resource needs an entry in objects.json; a module under `resources/` only for what it
does beyond create, retrieve, update, delete and list.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.engine.stripe.catalog import Operation
from stripe_flows.local.simulator.kinds import kinds
from stripe_flows.local.simulator.listing import list_page
from stripe_flows.local.simulator.problems import invalid_request
from stripe_flows.local.simulator.resources import (
    customers,
    payment_intents,
    prices,
    products,
    subscriptions,
)
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import Handlers, World

OWN: Handlers = MappingProxyType(
    {
        **customers.HANDLERS,
        **payment_intents.HANDLERS,
        **prices.HANDLERS,
        **products.HANDLERS,
        **subscriptions.HANDLERS,
    }
)


def carry_out(operation: Operation, world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """The object that is answered. Raises `Problem`; what is written is staged in the store."""
    handler = OWN.get(operation.name)
    if handler is not None:
        return handler(world, params, ids)
    if operation.resource in kinds():
        match operation.verb:
            case "create":
                return _create(operation.resource, world, params)
            case "retrieve":
                return world.named_by_path(operation.resource, ids[0])
            case "update":
                return _update(operation.resource, world, params, ids[0])
            case "delete":
                return _delete(operation.resource, world, ids[0])
            case "list":
                return list_page(world, operation.resource, operation.path, params)
    if operation.name in ("retrieve_current_account", "retrieve_own_account"):
        return _account(world)
    raise invalid_request(
        f"The simulator does not carry out {operation.method} {operation.path} ({operation.name})."
    )


def _create(resource: str, world: World, params: Fields) -> Fields:
    made = world.new(resource)
    world.kind(resource).apply(made, params)
    return world.put(made)


def _update(resource: str, world: World, params: Fields, key: str) -> Fields:
    found = world.named_by_path(resource, key)
    if found.get("deleted"):
        raise invalid_request(f"{resource} {key} is deleted and cannot be changed.")
    world.kind(resource).apply(found, params)
    return world.put(found)


def _delete(resource: str, world: World, key: str) -> Fields:
    kind = world.kind(resource)
    found = world.named_by_path(resource, key)
    stub: Fields = {"id": key, "object": found["object"], "deleted": True}
    if kind.deleted == "stub":
        world.put(stub)
    else:
        world.store.remove(resource, key)
    return stub


def _account(world: World) -> Fields:
    return {
        "id": world.account_id,
        "object": "account",
        "business_profile": {"name": "Simulator", "support_email": None, "url": None},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": None,
        "metadata": {},
        "payouts_enabled": True,
        "type": "standard",
    }
