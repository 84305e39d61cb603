"""Apply the result of a payment to its invoice, and that of an invoice to its subscription.

Called by `reactions`, because a payment does not know what it pays for.
"""

from __future__ import annotations

from stripe_flows.simulator.billing.invoices.payments import IN_TRANSIT, mark_paid, paid_with
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.types import Fields

from .dunning import schedule


def settle_by_payment(world: World, intent: Fields) -> None:
    """Mark the invoice of a payment intent as paid, after the intent was confirmed directly."""
    link = world.store.get("_invoice_of", intent["id"])
    invoice = world.store.get("invoice", link["invoice"]) if link else None
    if invoice is not None and invoice["status"] in ("open", "uncollectible"):
        mark_paid(world, invoice)


def fail_by_payment(world: World, intent: Fields) -> None:
    """Record a failed payment of an invoice, after its debit failed days later."""
    link = world.store.get("_invoice_of", intent["id"])
    invoice = world.store.get("invoice", link["invoice"]) if link else None
    if invoice is None or not world.store.get(IN_TRANSIT, invoice["id"]):
        return
    world.store.remove(IN_TRANSIT, invoice["id"])
    world.put(invoice)
    world.emit("invoice.payment_failed", invoice)
    details = ((invoice["parent"] or {}).get("subscription_details")) or {}
    found = world.store.get("subscription", details.get("subscription") or "")
    if found is not None and found["status"] == "active":
        world.put(found | {"status": "past_due"})
        schedule(world, invoice)


def activate_by_invoice(world: World, invoice: Fields) -> None:
    """Activate the subscription whose latest invoice is paid."""
    details = ((invoice["parent"] or {}).get("subscription_details")) or {}
    found = world.store.get("subscription", details.get("subscription") or "")
    if found is None or found["latest_invoice"] != invoice["id"]:
        return
    if found["payment_settings"]["save_default_payment_method"] == "on_subscription":
        found["default_payment_method"] = (
            paid_with(world, invoice) or found["default_payment_method"]
        )
        world.put(found)
    if found["status"] in ("incomplete", "past_due", "unpaid"):
        world.put(found | {"status": "active"})
    elif found["status"] == "paused":
        world.put(found | {"status": "active"})
        world.emit("customer.subscription.resumed", found)
