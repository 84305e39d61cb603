"""BEGIN: take an item under a lease, on every hint."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Generic, Literal, TypeVar, cast

from pydantic import ValidationError

from stripe_flows.engine.errors import SealError
from stripe_flows.tasks.item import CallItem, ExecutionItem

from .store import Reply, Store
from .workers import process_of

OLD_MS = 23 * 3600 * 1000
"""The age of the first sending from which on a call is not sent again. Stripe keeps keys for at least
24 hours ("Idempotent requests"); the hour between covers requests that are still on their way."""

Payload = TypeVar("Payload", ExecutionItem, CallItem)


@dataclass(frozen=True)
class Delivery:
    """A hint as its task received it: the step it names, when it was published (ms), and its queue."""

    run_id: str
    item_id: str
    at: int
    queue: str


@dataclass(frozen=True)
class Lease:
    """A worker's hold on an item, until the lease ends."""

    run_id: str
    item_id: str
    token: str


@dataclass(frozen=True)
class Begun(Lease, Generic[Payload]):
    """An item that this worker holds.

    `attempt` counts the BEGINs, `counted` the earlier attempts that count towards MAX_ATTEMPTS, `lost`
    those whose worker never ended them. `first_ms`: the first BEGIN. `age_ms`: since the item was
    created. `unsure`: an earlier attempt may have been executed. `old`: the first sending is 23 hours
    ago; nothing may be sent. `keys`: the fingerprints of the sender's Stripe keys at the first BEGIN.
    `refused`: per Stripe key that is not accepted at present, when it may be tried again, in
    milliseconds from now. `flow_set`: the run's, or the item's own if a person tried it again.
    """

    payload: Payload
    flow_set: str
    attempt: int
    counted: int
    first_ms: int
    unsure: bool
    old: bool
    keys: str
    lost: int = 0
    age_ms: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Unreadable(Lease):
    """An item that this worker holds and whose payload it cannot read; `why` is for people.

    `sealed`: the worker lacks the seal key, so no other worker could read a line that it writes.
    """

    why: str
    attempt: int
    sealed: bool


@dataclass(frozen=True)
class Dropped:
    """The hint is of no use. `unpinned`: store the flow set first, then begin again.

    `wrong kind`: another task than the hint's does this item; nothing was changed.
    """

    why: Literal["closed", "busy", "early", "held", "unpinned", "wrong kind"]


def begin_execution(
    store: Store, hint: Delivery, *, lease_ms: int, flow_set: str
) -> Begun[ExecutionItem] | Unreadable | Dropped:
    """Begin an execution.

    `flow_set` becomes the run's, or that of a branch which a person tries again, if it has none yet;
    "" offers none.
    """
    token, worker = token_hex(8), process_of(os.getpid())
    reply = store.step(
        "begin",
        hint.run_id,
        hint.item_id,
        token,
        lease_ms,
        hint.at,
        hint.queue,
        OLD_MS,
        flow_set,
        "",
        worker,
        "execution",
        "",
    )
    return _begun(store, hint, token, reply, ExecutionItem)


def begin_call(
    store: Store, hint: Delivery, *, lease_ms: int, keys: str, operation: str
) -> Begun[CallItem] | Unreadable | Dropped:
    """Begin a call, and journal the time of its first sending before a socket is touched.

    `keys`: the fingerprints of this worker's Stripe keys. `operation`: the one that the hint's task is
    named after.
    """
    token, worker = token_hex(8), process_of(os.getpid())
    reply = store.step(
        "begin",
        hint.run_id,
        hint.item_id,
        token,
        lease_ms,
        hint.at,
        hint.queue,
        OLD_MS,
        "",
        keys,
        worker,
        "call",
        operation,
    )
    return _begun(store, hint, token, reply, CallItem)


def _begun(
    store: Store, hint: Delivery, token: str, reply: Reply, model: type[Payload]
) -> Begun[Payload] | Unreadable | Dropped:
    """Read the reply of begin.lua."""
    if reply[0] not in (b"ok", b"old"):
        return Dropped(reply[0].decode())
    run_id, item_id = hint.run_id, hint.item_id
    kind = "execution" if model is ExecutionItem else "call"
    try:
        payload = model.model_validate(store.sealer.open(run_id, item_id, kind, reply[1] or b""))
    except SealError as error:
        return Unreadable(run_id, item_id, token, str(error), int(reply[3]), sealed=True)
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, e["loc"])) for e in error.errors()}))
        why = f"it was written by another version of stripe-flows ({fields})"
        return Unreadable(run_id, item_id, token, why, int(reply[3]), sealed=False)
    return Begun(
        run_id=run_id,
        item_id=item_id,
        token=token,
        payload=payload,
        flow_set=cast(bytes, reply[2]).decode(),
        attempt=int(reply[3]),
        counted=int(reply[4]),
        first_ms=int(reply[5]),
        unsure=bool(reply[6]),
        old=reply[0] == b"old",
        keys=cast(bytes, reply[7]).decode(),
        lost=int(reply[8]),
        age_ms=int(reply[9]),
        refused=_refused(cast(list[bytes], reply[11]), now=int(reply[10])),
    )


def _refused(flat: list[bytes], now: int) -> dict[str, int]:
    return {flat[i].decode(): int(flat[i + 1]) - now for i in range(0, len(flat), 2)}
