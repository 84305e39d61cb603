"""DEFER and HOLD: an item is put off until a due time, or set aside; only by its lease's holder."""

from __future__ import annotations

from stripe_flows.tasks.events import Line
from stripe_flows.tasks.items import CallItem
from stripe_flows.tasks.journal.begin import Begun, Lease
from stripe_flows.tasks.journal.record import seal_line
from stripe_flows.tasks.journal.store import Store


def defer(
    store: Store,
    begun: Lease,
    line: Line | None,
    *,
    delay_ms: int,
    unsure: bool,
    burns: bool,
    counts_held: bool = False,
    unsent: bool = False,
) -> bool:
    """Puts the item off. False where the lease had been lost, and nothing was done.

    `unsure`: this attempt may have been executed. `burns`: it counts towards MAX_ATTEMPTS.
    `counts_held`: it is still asked for, and shown as held. `unsent`: this attempt provably sent
    nothing, so if none did before, it does not count as the first sending.
    """
    reply = store.run(
        "defer",
        begun.run,
        begun.run,
        begun.item,
        begun.token,
        delay_ms,
        int(unsure),
        int(burns),
        int(counts_held),
        seal_line(store, begun.run, line) if line is not None else "",
        store.retention.keep_ms,
        store.retention.tombstone_ms,
        int(unsent),
    )
    return bool(reply[0] == b"ok")


def hold(store: Store, begun: Begun[CallItem], line: Line) -> bool:
    """Sets the call aside. False where the lease had been lost, and nothing was done."""
    reply = store.run(
        "hold",
        begun.run,
        begun.run,
        begun.item,
        begun.token,
        seal_line(store, begun.run, line),
        store.retention.keep_ms,
        store.retention.tombstone_ms,
    )
    return bool(reply[0] == b"ok")
