"""Checks of a subscription's parameters, before anything is created or changed."""

from __future__ import annotations

from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.problems import Problem, invalid_request, parameter_missing
from stripe_flows.simulator.types import Fields

MAX_ITEMS = 20
DAYS_UNTIL_DUE = 30
"""Default for sent invoices of quotes and schedules."""

_ENDED = ("canceled", "incomplete_expired")


def check_new(params: Fields, now: int) -> None:
    """Raise `Problem` (400) for parameters that no new subscription accepts."""
    if params.get("payment_behavior") == "pending_if_incomplete":
        raise invalid_request(
            "payment_behavior=pending_if_incomplete is for updates of a subscription; it cannot be "
            "created with it.",
            param="payment_behavior",
        )
    if params.get("trial_end") is not None and params.get("trial_period_days") is not None:
        raise _exclusive("trial_end", "trial_period_days")
    if params.get("backdate_start_date", now) > now:
        raise invalid_request(
            "backdate_start_date must be in the past.", param="backdate_start_date"
        )
    check_collection(params.get("collection_method"), params.get("days_until_due"))
    check_end(params, now)


def check_change(found: Fields, params: Fields, now: int) -> None:
    """Raise `Problem` (400) for parameters that no change of a subscription accepts."""
    if {"collection_method", "days_until_due"} & set(params):
        method = params.get("collection_method", found["collection_method"])
        kept = found["days_until_due"] if method == "send_invoice" else None
        check_collection(method, params.get("days_until_due", kept))
    check_end(params, now)


def check_collection(method: str | None, days: int | None) -> None:
    """Raise `Problem` (400) unless `send_invoice` and the days until due come together."""
    if method == "send_invoice" and days is None:
        raise parameter_missing("days_until_due")
    if method != "send_invoice" and days is not None:
        raise invalid_request(
            "days_until_due can only be set with collection_method=send_invoice.",
            param="days_until_due",
        )


def check_end(params: Fields, now: int) -> None:
    """Raise `Problem` (400) for an end in the past, or for two ends."""
    last = params.get("cancel_at")
    if last and params.get("cancel_at_period_end"):
        raise _exclusive("cancel_at", "cancel_at_period_end")
    if isinstance(last, int) and last <= now:
        raise invalid_request("cancel_at must be in the future.", param="cancel_at")


def check_items(rows: list[Fields]) -> None:
    """Raise `Problem` (400) for no items, or for items that cannot be combined."""
    if not rows:
        raise invalid_request(
            "A subscription must have at least one active plan. All plans on this subscription are "
            "being deleted; cancel the subscription instead.",
            param="items",
        )
    if len(rows) > MAX_ITEMS:
        raise invalid_request(f"A subscription has at most {MAX_ITEMS} items.", param="items")
    if len({row["price"]["currency"] for row in rows}) > 1:
        raise invalid_request("All prices of a subscription have the same currency.", param="items")
    seen: set[str] = set()
    for row in rows:
        price_id: str = row["price"]["id"]
        if price_id in seen:
            raise invalid_request(
                f"Cannot add multiple subscription items with the same price: {price_id}. Give the "
                "item a quantity.",
                param="items",
            )
        seen.add(price_id)


def check_currency(world: World, customer: str, currency: str) -> None:
    """Raise `Problem` (400) if the customer has a running subscription in another currency."""
    for other in world.all("subscription", customer=customer):
        if other["status"] not in _ENDED and other["currency"] != currency:
            raise invalid_request(
                "You cannot combine currencies on a single customer. This customer has an active "
                f"subscription ({other['id']}) with currency {other['currency']}.",
                param="items",
            )


def _exclusive(one: str, other: str) -> Problem:
    return invalid_request(
        f"You may only specify one of these parameters: {one}, {other}.", param=other
    )
