"""BEGIN: take an item under a lease, on every hint."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import Generic, Literal, TypeVar, cast

from stripe_flows.engine.errors import JournalError
from stripe_flows.tasks.items import CallItem, ExecutionItem
from stripe_flows.tasks.journal.store import Reply, Store

OLD_MS = 23 * 3600 * 1000
"""After this since the first sending the key can no longer tell. Stripe keeps keys for at least 24
hours ("Idempotent requests"); the hour between covers whatever is still on its way."""

Payload = TypeVar("Payload", ExecutionItem, CallItem)


@dataclass(frozen=True)
class Begun(Generic[Payload]):
    """An item that this worker holds until its lease is over.

    `attempt` counts the BEGINs, `burned` the earlier attempts that count towards MAX_ATTEMPTS.
    `first_ms`: the first BEGIN. `unsure`: an earlier attempt may have been executed. `old`: the
    first sending is 23 hours ago; nothing may be sent. `keys`: the fingerprints of the sender's
    Stripe keys at the first BEGIN.
    """

    run: str
    item: str
    token: str
    payload: Payload
    flow_set: str
    attempt: int
    burned: int
    first_ms: int
    unsure: bool
    old: bool
    keys: str
    counted_held: bool
    cancelled: bool


@dataclass(frozen=True)
class Dropped:
    """The hint is of no use. `unpinned`: the flow set has to be stored first, then begin again."""

    why: Literal["closed", "busy", "early", "held", "unpinned"]


def begin_execution(
    store: Store, run: str, item: str, *, at: int, queue: str, lease_ms: int, flow_set: str
) -> Begun[ExecutionItem] | Dropped:
    """Takes an execution. `flow_set` becomes the run's, if it has none yet."""
    reply, token = _begin(store, run, item, at, queue, lease_ms, flow_set, "")
    if reply[0] not in (b"ok", b"old"):
        return Dropped(reply[0].decode())
    payload = ExecutionItem.model_validate(store.sealer.open(run, item, "execution", reply[1]))
    return _begun(run, item, token, reply, payload)


def begin_call(
    store: Store, run: str, item: str, *, at: int, queue: str, lease_ms: int, keys: str
) -> Begun[CallItem] | Dropped:
    """Takes a call, and journals the time of its first sending before a socket is touched."""
    reply, token = _begin(store, run, item, at, queue, lease_ms, "", keys)
    if reply[0] not in (b"ok", b"old"):
        return Dropped(reply[0].decode())
    payload = CallItem.model_validate(store.sealer.open(run, item, "call", reply[1]))
    return _begun(run, item, token, reply, payload)


def _begin(
    store: Store, run: str, item: str, at: int, queue: str, lease: int, flow_set: str, keys: str
) -> tuple[Reply, str]:
    token = token_hex(8)
    reply = store.run("begin", run, run, item, token, lease, at, queue, OLD_MS, flow_set, keys)
    return reply, token


def _begun(run: str, item: str, token: str, reply: Reply, payload: Payload) -> Begun[Payload]:
    if reply[1] is None:
        raise JournalError(f"item {item} of run {run} has no payload")
    return Begun(
        run=run,
        item=item,
        token=token,
        payload=payload,
        flow_set=cast(bytes, reply[2]).decode(),
        attempt=int(reply[3]),
        burned=int(reply[4]),
        first_ms=int(reply[5]),
        unsure=bool(reply[6]),
        old=reply[0] == b"old",
        keys=cast(bytes, reply[7]).decode(),
        counted_held=bool(reply[8]),
        cancelled=bool(reply[9]),
    )
