"""DEFER and HOLD: put an item off until a due time, or hold a call. Both need the item's lease."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stripe_flows.engine.cause import Cause
from stripe_flows.tasks.events import NewEvent
from stripe_flows.tasks.item import CallItem

from .begin import Begun, Lease
from .keys import trying_key
from .record import seal_line
from .store import Store


@dataclass(frozen=True)
class Waits:
    """The event that ends a call's delay early: Stripe answers the account again, or accepts its key.

    `refused`: the same as `key`, and Stripe has just refused the key. `account` is the key's
    fingerprint. `most_ms`: the longest delay while other requests of the account are answered, in
    milliseconds.
    """

    until: Literal["answer", "key", "refused"]
    account: str
    most_ms: int = 0


def defer(
    store: Store,
    lease: Lease,
    event: NewEvent | None,
    cause: Cause,
    *,
    delay_ms: int,
    counts_held: bool = False,
    waits: Waits | None = None,
) -> int | None:
    """Put the item off. Return the delay in milliseconds, or None if the lease was lost.

    `cause` says how the attempt counts. `counts_held`: the call is sent again, and shown as held.
    `waits`: the event that ends the delay early.
    """
    meaning = cause.meaning
    reply = store.step(
        "defer",
        lease.run_id,
        lease.item_id,
        lease.token,
        delay_ms,
        int(meaning.unsure),
        int(meaning.counts),
        int(counts_held),
        seal_line(store, lease.run_id, event) if event is not None else "",
        store.retention.keep_ms,
        store.retention.tombstone_ms,
        int(meaning.unsent),
        waits.until if waits else "",
        waits.account if waits else "",
        waits.most_ms if waits else 0,
    )
    return int(reply[1]) if reply[0] == b"ok" else None


def hold(store: Store, begun: Begun[CallItem], event: NewEvent) -> bool:
    """Hold the call. Return False if the lease was lost; nothing is done then."""
    reply = store.step(
        "hold",
        begun.run_id,
        begun.item_id,
        begun.token,
        seal_line(store, begun.run_id, event),
        store.retention.keep_ms,
        store.retention.tombstone_ms,
    )
    return bool(reply[0] == b"ok")


def try_key(store: Store, account: str, every_ms: int) -> bool:
    """Claim the one try of a refused key per `every_ms`. Return False if another worker has it."""
    with store.reaching():
        return bool(store.redis.set(trying_key(account), 1, nx=True, px=every_ms))
