"""`invoice.upcoming`: told some days before a subscription renews.

Source: Stripe's "Types of events" and "Using webhooks with subscriptions". How many days is a setting
of the Dashboard; here it is its default. Periods that are no longer than that are not announced.
"""

from __future__ import annotations

from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.periods import DAY
from stripe_flows.simulator.types import Fields

from .invoice_previews import next_invoice

NOTICE = 7 * DAY
"""So long before its period ends a renewal is announced, in seconds."""

_TOLD = "_renewal_announced"
_SHOWN = "_upcoming"
"""What an event shows: an invoice that is not there."""


def renewal_notice(world: World, subscription: Fields) -> int | None:
    """When the next renewal has to be announced, in seconds since 1970; None if it was or is not."""
    if subscription["status"] not in ("active", "past_due", "trialing"):
        return None
    item = min(subscription["items"]["data"], key=lambda row: int(row["current_period_end"]))
    last: int = item["current_period_end"]
    ends = subscription["cancel_at"]
    told = world.store.get(_TOLD, subscription["id"]) or {"end": None}
    short = last - NOTICE <= item["current_period_start"]
    if short or told["end"] == last or (ends is not None and ends <= last):
        return None
    return last - NOTICE


def announce_renewal(world: World, subscription: Fields) -> None:
    """Tell of the next invoice as it would be now. Nothing else may be staged: it is dropped."""
    last = min(row["current_period_end"] for row in subscription["items"]["data"])
    made = next_invoice(world, subscription, {})
    world.drop()
    world.store.put(_TOLD, {"id": subscription["id"], "end": last})
    shown = made | {"id": f"upcoming_{made['id']}"}
    world.store.put(_SHOWN, shown)
    world.events.record("invoice.upcoming", _SHOWN, shown["id"])
