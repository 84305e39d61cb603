"""Retries of automatic payments that failed, and what follows the last one.

Source: Stripe's document "Automate payment retries". Smart Retries learn their times; here a
payment is retried after 3, 5 and 7 days, the defaults of Stripe's custom schedule. What follows the
last retry is a setting of the Dashboard, here of the control endpoint `billing`.
"""

from __future__ import annotations

from stripe_flows.simulator.billing.invoices.payments import (
    charge,
    fail_without_method,
    hard_declined,
    payer,
    set_delinquent,
)
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.periods import DAY
from stripe_flows.simulator.types import Fields

from .cancellation import end

RETRY_DAYS = (3, 5, 7)
"""Days between one attempt and the next."""

AFTER_RETRIES = ("cancel", "unpaid", "past_due")
"""The possible states of a subscription after the last retry; the first is the default."""

_SETTING = "_billing_setting"
_OVERDUE = "_overdue"


def schedule(world: World, invoice: Fields) -> None:
    """Set when an unpaid invoice is retried, or that it is not."""
    index = invoice["attempt_count"] - 1
    again = 0 <= index < len(RETRY_DAYS)
    moment = world.time_of(invoice) + RETRY_DAYS[index] * DAY if again else None
    world.put(invoice | {"next_payment_attempt": moment})


def retry(world: World, invoice: Fields) -> None:
    """Carry out the scheduled retry and its consequences."""
    method = payer(world, invoice)
    if method is None:
        fail_without_method(world, invoice)
    elif hard_declined(world, invoice, method):
        # The attempt is counted, but the card's bank said not to try again.
        invoice["attempt_count"] += 1
    elif charge(world, invoice, method, automatic=True) is None:
        return
    schedule(world, invoice)
    if invoice["attempt_count"] > len(RETRY_DAYS):
        _give_up(world, invoice)


def is_overdue(world: World, invoice: Fields) -> bool:
    return world.store.get(_OVERDUE, invoice["id"]) is not None


def let_be_overdue(world: World, invoice: Fields) -> None:
    """Mark a sent invoice as overdue on its due date."""
    world.store.put(_OVERDUE, {"id": invoice["id"]})
    world.emit("invoice.overdue", invoice)
    set_delinquent(world, invoice, True)
    subscription = _subscription(world, invoice)
    if subscription is not None and subscription["status"] == "active":
        world.put(subscription | {"status": "past_due"})


def set_after_retries(world: World, wanted: str) -> None:
    """Choose what follows the last retry. Raise ValueError for an unknown choice."""
    if wanted not in AFTER_RETRIES:
        raise ValueError(f"after_retries is one of {', '.join(AFTER_RETRIES)}, not {wanted!r}")
    world.store.put(_SETTING, {"id": "after_retries", "value": wanted})


def _give_up(world: World, invoice: Fields) -> None:
    subscription = _subscription(world, invoice)
    if subscription is None or subscription["status"] != "past_due":
        return
    setting = world.store.get(_SETTING, "after_retries") or {"value": AFTER_RETRIES[0]}
    match setting["value"]:
        case "cancel":
            end(world, subscription, {"reason": "payment_failed"})
        case "unpaid":
            world.put(subscription | {"status": "unpaid"})


def _subscription(world: World, invoice: Fields) -> Fields | None:
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    return world.store.get("subscription", details.get("subscription") or "")
