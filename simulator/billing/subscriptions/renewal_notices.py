"""The event `invoice.upcoming`, some days before a subscription renews.

Source: Stripe's "Types of events" and "Using webhooks with subscriptions". The number of days is a
setting of the Dashboard; here it is the default. Periods that are not longer are not announced.
"""

from __future__ import annotations

from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.periods import DAY
from stripe_flows.simulator.types import Fields

from .invoice_previews import next_invoice

NOTICE = 7 * DAY
"""Seconds between the announcement and the end of the period."""

_TOLD = "_renewal_announced"
_SHOWN = "_upcoming"
"""Shelf for the invoices that announcements show; they are not real invoices."""


def renewal_notice(world: World, subscription: Fields) -> int | None:
    """Return when the next renewal is announced (seconds since 1970), None if it is not or was
    already.
    """
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
    """Record `invoice.upcoming` with the next invoice. Other staged writes would be dropped."""
    last = min(row["current_period_end"] for row in subscription["items"]["data"])
    made = next_invoice(world, subscription, {})
    world.drop()
    world.store.put(_TOLD, {"id": subscription["id"], "end": last})
    shown = made | {"id": f"upcoming_{made['id']}"}
    world.store.put(_SHOWN, shown)
    world.events.record("invoice.upcoming", _SHOWN, shown["id"])
