"""The invoice line for an item's period: whole, in part, by usage, or a trial."""

from __future__ import annotations

from stripe_flows.simulator.billing.invoices.lines import new_line, pricing
from stripe_flows.simulator.billing.pricing.discounts import in_force
from stripe_flows.simulator.billing.pricing.meters import usage
from stripe_flows.simulator.billing.pricing.prices import amount_of
from stripe_flows.simulator.billing.pricing.taxes import set_rates
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.periods import period_end
from stripe_flows.simulator.types import Fields

from .line_descriptions import of_period
from .prorations import name_of

UNBILLED_START = "_unbilled_start"
"""Shelf for subscriptions whose time before the billing cycle anchor is free."""


def period_line(world: World, invoice: Fields, subscription: Fields, item: Fields) -> None:
    """Add the line to the invoice."""
    trial = subscription["trial_end"] == item["current_period_end"]
    start, end = item["current_period_start"], item["current_period_end"]
    quantity = item["quantity"] or 0
    if _is_metered(item):
        # Usage is billed when its period has ended.
        begun = subscription["start_date"] if invoice["billing_reason"] != "upcoming" else start
        start, end = max(begun, start - (end - start)), start
        quantity = _used(world, subscription, item, start, end)
    amount = 0 if trial else amount_of(item["price"], quantity)
    whole = period_end(start, item["price"]["recurring"])
    if not _is_metered(item) and not trial and end < whole:
        # The time until the anchor of the billing cycle is part of a period.
        free = world.store.get(UNBILLED_START, subscription["id"]) is not None
        amount = 0 if free else round(amount * (end - start) / (whole - start))
    name = name_of(world, item)
    shown = of_period(name, item["price"], quantity)
    description = f"Trial period for {name}" if trial else shown
    line = new_line(world, invoice, amount, description)
    line |= {
        "discounts": in_force(world, item["discounts"], world.time_of(subscription)),
        "period": {"start": start, "end": end},
        "pricing": pricing(item["price"]),
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "subscription": subscription["id"],
        "parent": {
            "type": "subscription_item_details",
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": False,
                "proration_details": {"credited_items": None},
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
        },
    }
    set_rates(world, line, item["tax_rates"])


def _used(world: World, subscription: Fields, item: Fields, start: int, end: int) -> int:
    meter = world.store.get("billing.meter", item["price"]["recurring"]["meter"] or "")
    if meter is None:
        return 0
    return int(usage(world, meter, subscription["customer"], start, end))


def _is_metered(item: Fields) -> bool:
    return bool(item["price"]["recurring"]["usage_type"] == "metered")
