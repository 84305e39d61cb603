"""DEFER and HOLD: an item is put off until a due time, or set aside; only by its lease's holder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stripe_flows.engine.cause import Cause
from stripe_flows.tasks.events import Line
from stripe_flows.tasks.payload import CallItem

from .begin import Begun, Lease
from .keys import trying_key
from .record import seal_line
from .store import Store


@dataclass(frozen=True)
class Waits:
    """What ends a call's delay sooner: Stripe answers the account again, or accepts its key.

    `refused`: this attempt has just learnt that Stripe does not accept the key. `account` is the key's
    fingerprint. `most_ms`: the longest delay while other requests of the account are answered, in
    milliseconds.
    """

    until: Literal["answer", "key", "refused"]
    account: str
    most_ms: int = 0


def defer(
    store: Store,
    lease: Lease,
    line: Line | None,
    cause: Cause,
    *,
    delay_ms: int,
    counts_held: bool = False,
    waits: Waits | None = None,
) -> int | None:
    """Put the item off; return the delay in milliseconds, or None where the lease had been lost.

    `cause` says what the attempt counts as. `counts_held`: the call is still asked for, and shown as
    held. `waits`: the delay ends sooner when Stripe answers.
    """
    meaning = cause.meaning
    reply = store.run(
        "defer",
        lease.run,
        lease.run,
        lease.item,
        lease.token,
        delay_ms,
        int(meaning.unsure),
        int(meaning.counts),
        int(counts_held),
        seal_line(store, lease.run, line) if line is not None else "",
        store.retention.keep_ms,
        store.retention.tombstone_ms,
        int(meaning.unsent),
        waits.until if waits else "",
        waits.account if waits else "",
        waits.most_ms if waits else 0,
    )
    return int(reply[1]) if reply[0] == b"ok" else None


def hold(store: Store, begun: Begun[CallItem], line: Line) -> bool:
    """Set the call aside. Return False where the lease had been lost, and nothing was done."""
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


def try_key(store: Store, account: str, every_ms: int) -> bool:
    """Claim the one try of a refused key in `every_ms`. Return False where another worker has it."""
    with store.reaching():
        return bool(store.redis.set(trying_key(account), 1, nx=True, px=every_ms))
