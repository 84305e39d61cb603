"""Previews: the next invoice of a subscription, or the cost of a change. Nothing is stored."""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.billing.invoices.invoices import new_invoice
from stripe_flows.simulator.billing.invoices.lines import create_item, take_items
from stripe_flows.simulator.billing.invoices.pending_items import pending
from stripe_flows.simulator.billing.invoices.totals import total
from stripe_flows.simulator.objects.store import copied
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.periods import period_end
from stripe_flows.simulator.problems import invalid_request
from stripe_flows.simulator.types import Fields

from .billing import draft
from .items import change_items, make_items
from .prorations import prorate


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    try:
        made = _preview(world, params)
    finally:
        world.drop()
    return made


def _preview(world: World, params: Fields) -> Fields:
    subscription_id = params.get("subscription")
    details = params.get("subscription_details") or {}
    subscription = None
    if subscription_id is not None:
        subscription = world.referred("subscription", subscription_id, "subscription")
    customer_id = params.get("customer") or (subscription or {}).get("customer")
    if customer_id is None:
        raise invalid_request("Missing required param: customer.", code="parameter_missing",
                              param="customer")  # fmt: skip
    customer = world.referred("customer", customer_id, "customer")
    for row in params.get("invoice_items") or []:
        given = {k: v for k, v in row.items() if k not in ("price", "invoiceitem")}
        if row.get("price") is not None:
            given["pricing"] = {"price": row["price"]}
        create_item(world, given | {"customer": customer_id}, ())
    if subscription is None and details.get("items"):
        subscription = world.new("subscription")
        subscription |= {"customer": customer_id, "test_clock": customer["test_clock"]}
        subscription["items"] = make_items(world, subscription, details["items"])
        subscription["currency"] = subscription["items"]["data"][0]["price"]["currency"]
        made = draft(world, subscription, "upcoming")
    elif subscription is None:
        made = new_invoice(world, customer, params) | {"billing_reason": "upcoming"}
        take_items(world, made, pending(world, customer_id))
        _check_lines(made)
        total(world, made)
    else:
        made = next_invoice(world, subscription, details)
        _check_lines(made)
    return made | {"id": f"upcoming_{made['id']}"}


def next_invoice(world: World, subscription: Fields, details: Fields) -> Fields:
    """Return the invoice of the next renewal, with the changes in `details`.

    Its writes are staged, and the caller has to drop them.
    """
    before = copied(subscription["items"]["data"])
    if details.get("items"):
        change_items(world, subscription, details["items"])
        if details.get("proration_behavior") != "none":
            prorate(world, subscription, before, at=details.get("proration_date"))
    over = subscription["status"] in ("canceled", "incomplete_expired")
    now_only = (
        over
        or _ends(subscription, details)
        or details.get("proration_behavior") == "always_invoice"
    )
    since = min(item["current_period_start"] for item in subscription["items"]["data"])
    last = min(item["current_period_end"] for item in subscription["items"]["data"])
    for item in subscription["items"]["data"]:
        item["current_period_start"] = item["current_period_end"]
        item["current_period_end"] = period_end(
            item["current_period_end"], item["price"]["recurring"]
        )
    made = draft(world, subscription, "upcoming", periods=not now_only, since=since)
    return made | {"period_end": last}


def _ends(subscription: Fields, details: Fields) -> bool:
    """Return whether the subscription has no further period."""
    last = min(item["current_period_end"] for item in subscription["items"]["data"])
    ends = subscription["cancel_at"]
    return ends is not None and ends <= last and not details


def _check_lines(invoice: Fields) -> None:
    if not invoice["lines"]["data"]:
        raise invalid_request(
            f"No upcoming invoices for customer: {invoice['customer']}",
            code="invoice_upcoming_none",
            status=404,
        )


HANDLERS: Handlers = MappingProxyType({"POST /v1/invoices/create_preview": create})
