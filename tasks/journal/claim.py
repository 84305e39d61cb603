"""CLAIM and RESOLVE: a person names what a held call made, and a worker that compared it settles it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, cast

from stripe_flows.engine.errors import NotOpen
from stripe_flows.tasks.events import Line
from stripe_flows.tasks.payload import CallItem

from .begin import Lease
from .close import Child
from .decide import not_held
from .keys import object_digest, run_key
from .record import read_record, seal_line
from .store import Store


def claim(store: Store, run: str, call: str, line: Line, retrieval: Child) -> int:
    """Put the retrieval of the named object beside the held call. Return the journal's time (ms).

    Raises NotOpen where the call is not held, or another object is being compared.
    """
    reply = store.run(
        "claim",
        run,
        run,
        call,
        seal_line(store, run, line),
        store.retention.keep_ms,
        store.retention.tombstone_ms,
        *retrieval.stored(store, run),
    )
    if reply[0] == b"claimed":
        other = cast(bytes, reply[1]).decode()
        raise NotOpen(
            f"an object that was named for call {call} is being compared already: step {other} of run "
            f"{run!r}"
        )
    if reply[0] != b"ok":
        raise not_held(run, call, reply)
    return int(reply[1])


@dataclass(frozen=True)
class HeldCall:
    """A held call as the journal keeps it.

    `first` and `last`: its first and last sending in Unix seconds; None: not known, or it is still
    asked for. `keys`: the fingerprints of the sender's Stripe keys at the first sending.
    """

    payload: CallItem
    attempts: int
    first: float | None
    last: float | None
    keys: str


def read_held(store: Store, run: str, call: str) -> HeldCall | None:
    """Return the call; None if it is settled."""
    with store.reaching():
        payload, state = cast(
            list[bytes | None], store.redis.hmget(run_key(run), (call, f"{call}!"))
        )
    if payload is None or state is None:
        return None
    parts = state.decode().split("|")
    asked_for = parts[2] != "H"
    ended = [
        event.time.timestamp()
        for event in read_record(store, run)
        if event.item == call and event.kind == "call"
    ]
    return HeldCall(
        payload=CallItem.model_validate(store.sealer.open(run, call, "call", payload)),
        attempts=int(parts[3]),
        first=int(parts[5]) / 1000 or None,
        last=None if asked_for or not ended else max(ended),
        keys=parts[11],
    )


@dataclass(frozen=True)
class Resolved:
    """What RESOLVE did.

    `ok`: both are closed, and the continuation was created at `at` (ms) if `follows`. `settled`: the
    call was settled before. `closed`: somebody else has done it.
    """

    status: Literal["ok", "settled", "closed"]
    at: int = 0
    follows: bool = False


def resolve(
    store: Store,
    retrieval: Lease,
    call: str,
    lines: tuple[Line, Line, Line],
    continuation: Child | None,
    *,
    objects: Collection[str],
    account: str,
) -> Resolved:
    """Close a held call with the object that was retrieved for it; its continuation follows.

    `lines`: of the retrieval, of the call, and of the decision. The rest is as of CLOSE.
    """
    run = retrieval.run
    reply = store.run(
        "resolve",
        run,
        run,
        retrieval.item,
        call,
        store.retention.keep_ms,
        store.retention.tombstone_ms,
        " ".join(map(object_digest, objects)),
        account,
        *(seal_line(store, run, line) for line in lines),
        *(continuation.stored(store, run) if continuation is not None else ()),
    )
    status = cast(bytes, reply[0]).decode()
    if status != "ok":
        return Resolved(cast(Literal["settled", "closed"], status))
    store.to_disk()
    return Resolved("ok", at=int(reply[1]), follows=bool(reply[2]))
