"""Cancel a subscription, or let it expire before its first payment."""

from __future__ import annotations

from stripe_flows.simulator.billing.invoices.invoices import void_invoice
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.types import Fields

from .pending_updates import discard

INCOMPLETE_SECONDS = 23 * 3600
"""Seconds that an incomplete subscription waits for its first payment."""


def end(world: World, subscription: Fields, details: Fields) -> Fields:
    """Cancel the subscription now. Its open invoices are no longer collected automatically."""
    now = world.time_of(subscription)
    discard(world, subscription)
    subscription |= {
        "status": "canceled",
        "canceled_at": subscription["canceled_at"] or now,
        "ended_at": now,
    }
    subscription["cancellation_details"] |= details
    invoice = world.store.get("invoice", subscription["latest_invoice"] or "")
    if invoice is not None and invoice["status"] in ("draft", "open"):
        world.put(invoice | {"auto_advance": False, "next_payment_attempt": None})
    schedule = world.store.get("subscription_schedule", subscription["schedule"] or "")
    if schedule is not None and schedule["status"] == "active":
        world.put(schedule | {"status": "canceled", "canceled_at": now, "current_phase": None})
        world.emit("subscription_schedule.canceled", schedule)
    world.put(subscription)
    world.emit("customer.subscription.deleted", subscription)
    return subscription


def expire(world: World, subscription: Fields) -> None:
    """Expire a subscription whose first payment did not arrive, and void its invoice."""
    subscription |= {"status": "incomplete_expired", "ended_at": world.time_of(subscription)}
    world.put(subscription)
    invoice = world.store.get("invoice", subscription["latest_invoice"] or "")
    if invoice is not None and invoice["status"] == "open":
        void_invoice(world, invoice)
