"""Defer an item that this worker cannot do, and show why: a seal key or a Stripe key is missing.

Another worker, or this one later, can do it. Nothing was sent, so it does not count as an attempt.
"""

from __future__ import annotations

from stripe_flows.engine.cause import Cause
from stripe_flows.tasks.journal.begin import Begun, Unreadable
from stripe_flows.tasks.journal.defer import defer
from stripe_flows.tasks.journal.store import Store

from .alerts import warn_stuck
from .attempt_end import AttemptEnd, Ignored, PutOff
from .events import NewEvent
from .item import CallItem, ExecutionItem, ItemKind

DELAY_MS = 15_000
"""The delay before a stuck item is tried again, in milliseconds."""


def defer_stuck(
    store: Store,
    lease: Unreadable | Begun[ExecutionItem] | Begun[CallItem],
    kind: ItemKind,
    reason: str,
    name: str | None = None,
) -> AttemptEnd:
    """Defer the item and warn once. `name`: its flow or operation, if known."""
    event = NewEvent(
        kind=kind,
        status="stuck",
        item=lease.item_id,
        flow=name if kind == "execution" else None,
        operation=name if kind == "call" else None,
        attempt=lease.attempt,
        error=reason,
    )
    # It may be tried every 15 s for a day: the record has only some of these attempts.
    recorded = is_recorded(lease.attempt)
    if isinstance(lease, Unreadable) and lease.sealed:
        recorded = False  # a worker with the right key could not read the line
    delay = defer(store, lease, event if recorded else None, Cause.STUCK, delay_ms=DELAY_MS)
    if delay is None:
        return Ignored("stale")
    warn_stuck(store, lease, kind, reason, name)
    return PutOff(f"stuck: {reason}")


def is_recorded(attempt: int) -> bool:
    """Return whether the record has this attempt of many: the first, the second, the fourth…"""
    return attempt & (attempt - 1) == 0
