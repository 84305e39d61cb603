"""Customers, with the payment method and source from test cards."""

from __future__ import annotations

import re
from types import MappingProxyType

from stripe_flows.simulator.objects.ids import new_id
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import invalid_request, resource_missing
from stripe_flows.simulator.types import Fields

from .payment_methods import attached as attach_to
from .payment_methods import payment_method
from .sources import source_from_token

_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    made = world.new("customer")
    made["invoice_prefix"] = new_id("", 8).upper()
    return _applied(world, made, params)


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    return _applied(world, _living(world, ids[0]), params)


def delete(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """Delete a customer and cancel the subscriptions. A stub stays."""
    found = _living(world, ids[0])
    now = world.time_of(found)
    for one in world.all("subscription", customer=ids[0]):
        if one["status"] not in ("canceled", "incomplete_expired"):
            world.put(one | {"status": "canceled", "canceled_at": now, "ended_at": now})
            world.emit("customer.subscription.deleted", one)
    return world.put({"id": ids[0], "object": "customer", "deleted": True})


def _living(world: World, key: str) -> Fields:
    """Return the customer. Raise `Problem` (404) for a deleted one, which can only be retrieved."""
    found = world.named_by_path("customer", key)
    if found.get("deleted"):
        raise resource_missing("customer", key, in_path=True)
    return found


def default_method(customer: Fields) -> str | None:
    """Return the id of the payment method or source that pays a customer's invoices."""
    settings = customer.get("invoice_settings") or {}
    return settings.get("default_payment_method") or customer.get("default_source")


def seed(world: World, key: str) -> None:
    """Create a customer with this id, unless it exists."""
    if world.store.get("customer", key) is None:
        customer = world.new("customer") | {"id": key, "description": "Seeded customer"}
        world.put(customer)


def _applied(world: World, customer: Fields, params: Fields) -> Fields:
    key = customer["id"]
    email = params.get("email")
    if email is not None and _EMAIL.fullmatch(email) is None:
        raise invalid_request(
            f"Invalid email address: {email}", code="email_invalid", param="email"
        )
    attached = None
    if params.get("payment_method") is not None:
        attached = payment_method(world, params["payment_method"], "payment_method")
        attach_to(world, attached, key)
    settings = dict(params.get("invoice_settings") or {})
    default = settings.get("default_payment_method")
    if default is not None:
        if attached is not None and default == params["payment_method"]:
            settings["default_payment_method"] = attached["id"]
        else:
            found = payment_method(world, default, "invoice_settings[default_payment_method]")
            check_attached(found, key, default, "invoice_settings[default_payment_method]")
        params = params | {"invoice_settings": settings}
    if params.get("source") is not None:
        customer["default_source"] = source_from_token(world, params["source"], key)["id"]
    world.apply(customer, params)
    return world.put(customer)


def check_attached(method: Fields, customer: str, named: str, param: str) -> None:
    """Raise `Problem` (400) unless the payment method belongs to the customer."""
    if method["customer"] != customer:
        raise invalid_request(
            f"The customer has no payment method {named}; it has to be attached to the customer.",
            code="resource_missing",
            param=param,
        )


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/customers": create,
        "DELETE /v1/customers/{customer}": delete,
        "POST /v1/customers/{customer}": update,
    }
)
