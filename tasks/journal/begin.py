"""BEGIN: take an item under a lease, on every hint."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Generic, Literal, TypeVar, cast

from pydantic import ValidationError

from stripe_flows.engine.errors import SealError
from stripe_flows.tasks.payload import CallItem, ExecutionItem

from .store import Store
from .workers import process_of

OLD_MS = 23 * 3600 * 1000
"""After this since the first sending the key can no longer tell. Stripe keeps keys for at least 24
hours ("Idempotent requests"); the hour between covers whatever is still on its way."""

Payload = TypeVar("Payload", ExecutionItem, CallItem)


@dataclass(frozen=True)
class Lease:
    """What this worker holds an item by, until its time is over."""

    run: str
    item: str
    token: str


@dataclass(frozen=True)
class Begun(Lease, Generic[Payload]):
    """An item that this worker holds.

    `attempt` counts the BEGINs, `burned` the earlier attempts that count towards MAX_ATTEMPTS, `lost`
    those whose worker never ended them. `first_ms`: the first BEGIN. `age_ms`: since the item was
    created. `unsure`: an earlier attempt may have been executed. `old`: the first sending is 23 hours
    ago; nothing may be sent. `keys`: the fingerprints of the sender's Stripe keys at the first BEGIN.
    `refused`: per Stripe key that is not accepted at present, when it may be tried again, in
    milliseconds from now. `flow_set`: the run's, or the item's own if a person tried it again.
    """

    payload: Payload
    flow_set: str
    attempt: int
    burned: int
    first_ms: int
    unsure: bool
    old: bool
    keys: str
    lost: int = 0
    age_ms: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Unreadable(Lease):
    """An item that this worker holds, and whose payload it cannot read; `why` is for people.

    `sealed`: with a key that it does not have, so what it would write none of the others could read.
    """

    why: str
    attempt: int
    sealed: bool


@dataclass(frozen=True)
class Dropped:
    """The hint is of no use. `unpinned`: the flow set has to be stored first, then begin again.

    `wrong kind`: the hint's task is not the one that does this item; nothing was changed.
    """

    why: Literal["closed", "busy", "early", "held", "unpinned", "wrong kind"]


def begin_execution(
    store: Store, run: str, item: str, *, at: int, queue: str, lease_ms: int, flow_set: str
) -> Begun[ExecutionItem] | Unreadable | Dropped:
    """Takes an execution. `flow_set` becomes the run's, or that of a branch which a person tries again,
    if it has none yet; "" offers none."""
    return _begin(store, run, item, at, queue, lease_ms, flow_set, "", "", ExecutionItem)


def begin_call(
    store: Store,
    run: str,
    item: str,
    *,
    at: int,
    queue: str,
    lease_ms: int,
    keys: str,
    operation: str,
) -> Begun[CallItem] | Unreadable | Dropped:
    """Takes a call, and journals the time of its first sending before a socket is touched.

    `operation`: the one that the hint's task is named after.
    """
    return _begin(store, run, item, at, queue, lease_ms, "", keys, operation, CallItem)


def _begin(
    store: Store,
    run: str,
    item: str,
    at: int,
    queue: str,
    lease: int,
    flow_set: str,
    keys: str,
    operation: str,
    model: type[Payload],
) -> Begun[Payload] | Unreadable | Dropped:
    token = token_hex(8)
    kind = "execution" if model is ExecutionItem else "call"
    worker = process_of(os.getpid())
    asked = (token, lease, at, queue, OLD_MS, flow_set, keys, worker, kind, operation)
    reply = store.run("begin", run, run, item, *asked)
    if reply[0] not in (b"ok", b"old"):
        return Dropped(reply[0].decode())
    try:
        payload = model.model_validate(store.sealer.open(run, item, kind, reply[1] or b""))
    except SealError as error:
        return Unreadable(run, item, token, str(error), int(reply[3]), sealed=True)
    except ValidationError as error:
        fields = ", ".join(sorted({".".join(map(str, e["loc"])) for e in error.errors()}))
        why = f"it was written by another version of stripe-flows ({fields})"
        return Unreadable(run, item, token, why, int(reply[3]), sealed=False)
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
        lost=int(reply[8]),
        age_ms=int(reply[9]),
        refused=_refused(cast(list[bytes], reply[11]), now=int(reply[10])),
    )


def _refused(flat: list[bytes], now: int) -> dict[str, int]:
    return {flat[i].decode(): int(flat[i + 1]) - now for i in range(0, len(flat), 2)}
