"""Prorations: pending items for a change within a period.

Source: Stripe's document "Prorations". Unused time of the old price is credited and remaining time
of the new one is charged, by the second.
"""

from __future__ import annotations

from stripe_flows.simulator.billing.invoices.lines import pricing
from stripe_flows.simulator.billing.invoices.pending_items import await_invoice, note_credited
from stripe_flows.simulator.billing.pricing.prices import amount_of
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.types import Fields

from .line_descriptions import of_proration


def prorate(
    world: World,
    subscription: Fields,
    before: list[Fields],
    *,
    at: int | None = None,
    restarts: bool = False,
) -> None:
    """Create pending items for a change of items: credit unused time, charge remaining time.

    `restarts`: a new period begins now and is billed in full.
    """
    now = world.time_of(subscription) if at is None else at
    after = subscription["items"]["data"]
    kept = {item["id"]: item for item in after}
    old = {item["id"]: item for item in before}
    for key, item in old.items():
        if not restarts and _same(kept.get(key), item):
            continue
        amount = -round(price_of(item) * _share_left(item, now))
        made = _pending(world, subscription, item, amount, now, "Unused")
        note_credited(world, made, subscription, item)
    for key, item in kept.items():
        if restarts or _same(old.get(key), item):
            continue
        amount = round(price_of(item) * _share_left(item, now))
        _pending(world, subscription, item, amount, now, "Remaining")


def _pending(
    world: World, subscription: Fields, item: Fields, amount: int, now: int, what: str
) -> Fields:
    made = world.new("invoiceitem")
    made |= {
        "amount": amount,
        "currency": subscription["currency"],
        "customer": subscription["customer"],
        "date": now,
        "description": of_proration(what, name_of(world, item), item["quantity"], now),
        "net_amount": amount,
        "parent": {
            "type": "subscription_details",
            "subscription_details": {
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
        },
        "period": {"start": now, "end": item["current_period_end"]},
        "pricing": pricing(item["price"]),
        "proration": True,
        "quantity": item["quantity"],
        "tax_rates": item["tax_rates"],
        "test_clock": subscription["test_clock"],
    }
    return await_invoice(world, made)


def _share_left(item: Fields, now: int) -> float:
    start: int = item["current_period_start"]
    end: int = item["current_period_end"]
    return max(0.0, min(1.0, (end - now) / max(1, end - start)))


def _same(one: Fields | None, other: Fields) -> bool:
    return one is not None and all(
        one[name] == other[name] for name in ("price", "quantity", "current_period_end")
    )


def price_of(item: Fields) -> int:
    """Return the price of an item for a whole period, in the smallest unit."""
    return amount_of(item["price"], item["quantity"] or 0)


def name_of(world: World, item: Fields) -> str:
    """Return the name of an item on an invoice."""
    product = world.store.get("product", item["price"]["product"]) or {}
    return str(product.get("name") or item["price"]["id"])
