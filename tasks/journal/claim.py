"""CLAIM and RESOLVE: compare the object that a person named for a held call, then close the call."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, cast

from stripe_flows.engine.errors import NotOpen
from stripe_flows.tasks.events import NewEvent
from stripe_flows.tasks.item import CallItem

from .begin import Lease
from .close import Child
from .decide import not_held
from .item_state import read_state
from .keys import object_digest, run_key
from .record import read_record, seal_line
from .run_fields import state_field
from .store import Store


def claim(store: Store, run_id: str, call_id: str, event: NewEvent, retrieval: Child) -> int:
    """Create the retrieval of the named object beside the held call. Return the journal's time (ms).

    Raises NotOpen if the call is not held, or if another object is being compared with it.
    """
    reply = store.step(
        "claim",
        run_id,
        call_id,
        seal_line(store, run_id, event),
        store.retention.keep_ms,
        store.retention.tombstone_ms,
        *retrieval.stored(store, run_id),
    )
    if reply[0] == b"claimed":
        other = cast(bytes, reply[1]).decode()
        raise NotOpen(
            f"call {call_id} is being compared already, with another object: step {other} of run "
            f"{run_id!r}"
        )
    if reply[0] != b"ok":
        raise not_held(run_id, call_id, reply)
    return int(reply[1])


@dataclass(frozen=True)
class HeldCall:
    """A held call as the journal keeps it.

    `first` and `last`: its first and last sending in Unix seconds. None: not known; of `last` also:
    the call is still sent again. `keys`: the fingerprints of the sender's Stripe keys at `first`.
    """

    payload: CallItem
    attempts: int
    first: float | None
    last: float | None
    keys: str


def read_held(store: Store, run_id: str, call_id: str) -> HeldCall | None:
    """Return the held call; None if it is settled."""
    with store.reaching():
        payload, stored = cast(
            list[bytes | None], store.redis.hmget(run_key(run_id), (call_id, state_field(call_id)))
        )
    if payload is None or stored is None:
        return None
    state = read_state(stored)
    ended = [
        event.time.timestamp()
        for event in read_record(store, run_id)
        if event.item == call_id and event.kind == "call"
    ]
    return HeldCall(
        payload=CallItem.model_validate(store.sealer.open(run_id, call_id, "call", payload)),
        attempts=state.attempts,
        first=state.first_ms / 1000 or None,
        last=max(ended) if state.state == "held" and ended else None,
        keys=state.keys,
    )


@dataclass(frozen=True)
class Resolved:
    """The result of RESOLVE.

    `ok`: both are closed, and the continuation was created at `at` (ms) if `follows`. `settled`: the
    call was settled before. `closed`: another worker has closed the retrieval.
    """

    status: Literal["ok", "settled", "closed"]
    at: int = 0
    follows: bool = False


def resolve(
    store: Store,
    retrieval: Lease,
    call_id: str,
    events: tuple[NewEvent, NewEvent, NewEvent],
    continuation: Child | None,
    *,
    objects: Collection[str],
    account: str,
) -> Resolved:
    """Close a held call and the retrieval of its object; the call's continuation follows.

    `events`: of the retrieval, the call and the decision. `objects` and `account`: as in Closing.
    """
    run_id = retrieval.run_id
    reply = store.step(
        "resolve",
        run_id,
        retrieval.item_id,
        call_id,
        store.retention.keep_ms,
        store.retention.tombstone_ms,
        " ".join(map(object_digest, objects)),
        account,
        *(seal_line(store, run_id, event) for event in events),
        *(continuation.stored(store, run_id) if continuation is not None else ()),
    )
    status = cast(bytes, reply[0]).decode()
    if status != "ok":
        return Resolved(cast(Literal["settled", "closed"], status))
    store.to_disk()
    return Resolved("ok", at=int(reply[1]), follows=bool(reply[2]))
