"""Subscriptions: a customer, recurring prices, and whether the first payment goes through.

Source: Stripe's document "How subscriptions work" (statuses, payment behaviour, trials).
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.local.simulator.cards import card_of
from stripe_flows.local.simulator.ids import new_id
from stripe_flows.local.simulator.payment_methods import payment_method
from stripe_flows.local.simulator.problems import Problem, invalid_request, parameter_missing
from stripe_flows.local.simulator.resources.customers import check_attached
from stripe_flows.local.simulator.resources.subscription_items import (
    DAY,
    change_items,
    make_items,
)
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import Handlers, World

MAX_ITEMS = 20


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    if params.get("customer") is None:
        raise parameter_missing("customer")
    customer = world.referred("customer", params["customer"], "customer")
    if not params.get("items"):
        raise parameter_missing("items")
    if len(params["items"]) > MAX_ITEMS:
        raise invalid_request(f"A subscription has at most {MAX_ITEMS} items.", param="items")
    made = world.new("subscription")
    known = {k: v for k, v in params.items() if k not in ("items", "trial_end", "currency")}
    world.apply(made, known)
    made["start_date"] = made["billing_cycle_anchor"] = made["created"]
    _set_trial(made, params)
    made["items"] = make_items(world, made, params["items"])
    made["currency"] = made["items"]["data"][0]["price"]["currency"]
    made["latest_invoice"] = new_id("in_1", 23)
    _take_payment(world, made, customer, params)
    return world.put(made)


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("subscription", ids[0])
    if found["status"] in ("canceled", "incomplete_expired"):
        raise invalid_request("A canceled subscription can only have its metadata changed.")
    known = {
        k: v for k, v in params.items() if k not in ("items", "trial_end", "default_payment_method")
    }
    world.apply(found, known)
    if params.get("default_payment_method") is not None:
        named = params["default_payment_method"]
        found["default_payment_method"] = _attached(world, found["customer"], named)["id"]
    if params.get("trial_end") == "now" and found["status"] == "trialing":
        found |= {"status": "active", "trial_end": int(world.now())}
    if "cancel_at_period_end" in params:
        ends = params["cancel_at_period_end"]
        end = max(item["current_period_end"] for item in found["items"]["data"])
        found["cancel_at"] = end if ends else None
        found["canceled_at"] = int(world.now()) if ends else None
    if params.get("items"):
        change_items(world, found, params["items"])
    return world.put(found)


def cancel(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("subscription", ids[0])
    if found["status"] in ("canceled", "incomplete_expired"):
        raise invalid_request(
            f"No such subscription: '{ids[0]}'", code="resource_missing", param="id", status=404
        )
    now = int(world.now())
    found |= {"status": "canceled", "canceled_at": now, "ended_at": now}
    details = params.get("cancellation_details") or {}
    found["cancellation_details"] |= details | {"reason": "cancellation_requested"}
    return world.put(found)


def _set_trial(made: Fields, params: Fields) -> None:
    end = params.get("trial_end")
    days = params.get("trial_period_days")
    if isinstance(end, int):
        if end <= made["created"]:
            raise invalid_request("The end of a trial lies in the future.", param="trial_end")
    elif days and end != "now":
        end = made["created"] + days * DAY
    if isinstance(end, int):
        made |= {"trial_start": made["created"], "trial_end": end, "billing_cycle_anchor": end}


def _take_payment(world: World, made: Fields, customer: Fields, params: Fields) -> None:
    """Decide the status. Raises `Problem` where Stripe makes no subscription at all."""
    named = params.get("default_payment_method")
    method = None
    if named is not None:
        method = _attached(world, customer["id"], named)
        made["default_payment_method"] = method["id"]
    else:
        default = customer["invoice_settings"]["default_payment_method"]
        if default is not None:
            method = world.store.get("payment_method", default)
        elif customer["default_source"] is not None:
            method = world.store.get("card", customer["default_source"])
    due = sum(
        (r["price"]["unit_amount"] or 0) * (r["quantity"] or 0) for r in made["items"]["data"]
    )
    behaviour = params.get("payment_behavior", "allow_incomplete")
    if made["trial_end"] is not None:
        made["status"] = "trialing"
    elif due == 0 or made["collection_method"] == "send_invoice":
        made["status"] = "active"
    elif behaviour == "default_incomplete":
        made["status"] = "incomplete"
    elif method is None:
        raise invalid_request(
            "The customer has no payment method to charge. Give it a default payment method.",
            code="resource_missing",
        )
    else:
        made["status"] = _charged(method, behaviour)


def _charged(method: Fields, behaviour: str) -> str:
    card = card_of(method)
    if card.authentication is None and card.decline is None:
        return "active"
    if behaviour == "error_if_incomplete" and card.decline is not None:
        raise Problem(402, card.decline.error(), saved=True, should_retry=False)
    return "incomplete"


def _attached(world: World, customer: str, named: str) -> Fields:
    method = payment_method(world, named, "default_payment_method")
    check_attached(method, customer, named, "default_payment_method")
    return method


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/subscriptions": create,
        "POST /v1/subscriptions/{subscription_exposed_id}": update,
        "DELETE /v1/subscriptions/{subscription_exposed_id}": cancel,
    }
)
