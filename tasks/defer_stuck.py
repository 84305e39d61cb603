"""An item that this worker cannot do, and another one, or this one later, can: put off, and shown.

It has no seal key for it, or no Stripe key. Nothing was sent, so it counts as no attempt.
"""

from __future__ import annotations

from stripe_flows.engine.cause import Cause
from stripe_flows.tasks.journal.begin import Begun, Unreadable
from stripe_flows.tasks.journal.defer import defer
from stripe_flows.tasks.journal.store import Store

from .alerts import warn_stuck
from .attempt_end import AttemptEnd, Ignored, PutOff
from .events import Line
from .item import CallItem, ExecutionItem, ItemKind

DELAY_MS = 15_000


def defer_stuck(
    store: Store,
    lease: Unreadable | Begun[ExecutionItem] | Begun[CallItem],
    kind: ItemKind,
    reason: str,
    name: str | None = None,
) -> AttemptEnd:
    """Puts the item off. `name`: its flow or operation, where it is known."""
    line = Line(
        kind=kind,
        status="stuck",
        item=lease.item_id,
        flow=name if kind == "execution" else None,
        operation=name if kind == "call" else None,
        attempt=lease.attempt,
        error=reason,
    )
    # It is looked at every 15 s, for a day perhaps: the record says so now and then.
    tell = is_recorded(lease.attempt)
    if isinstance(lease, Unreadable) and lease.sealed:
        tell = False
    delay = defer(store, lease, line if tell else None, Cause.STUCK, delay_ms=DELAY_MS)
    if delay is None:
        return Ignored("stale")
    warn_stuck(store, lease, kind, reason, name)
    return PutOff(f"stuck: {reason}")


def is_recorded(attempt: int) -> bool:
    """Whether the record mentions this attempt of many: the first, the second, the fourth…"""
    return attempt & (attempt - 1) == 0
