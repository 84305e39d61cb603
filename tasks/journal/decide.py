"""DECIDE, REVIVE and CANCEL: a person settles a held call, retries a failed step, cancels a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from stripe_flows.engine.errors import NotOpen
from stripe_flows.tasks.events import NewEvent
from stripe_flows.tasks.item import ExecutionItem

from .close import Child
from .record import seal_line
from .store import Reply, Store

CANCELLED = "run {!r} was cancelled: its calls can be resolved, not tried again"

DecideMode: TypeAlias = Literal["resolve", "same", "new_key"]
"""`resolve`: the person states the outcome. `same`: a retry with the same key; the child keeps the
key's age, and is unsure. `new_key`: a retry with a new key."""


@dataclass(frozen=True)
class Settled:
    """A decision, written at `at` (ms). `follows`: the child was created; not in a cancelled run."""

    at: int
    follows: bool


def decide(
    store: Store,
    run_id: str,
    call_id: str,
    event: NewEvent,
    child: Child | None,
    mode: DecideMode,
    *,
    fails: bool = False,
) -> Settled:
    """Settle a held call. `child`, if given, follows in its place. `fails`: the run fails.

    Raises NotOpen if the call is not held, and for a retry in a cancelled run.
    """
    reply = store.step(
        "decide",
        run_id,
        call_id,
        seal_line(store, run_id, event),
        store.retention.keep_ms,
        store.retention.tombstone_ms,
        mode,
        int(fails),
        *_child(store, run_id, child),
    )
    if reply[0] in (b"closed", b"open"):
        raise not_held(run_id, call_id, reply)
    if reply[0] == b"cancelled":
        raise NotOpen(CANCELLED.format(run_id))
    store.to_disk()
    return Settled(int(reply[1]), follows=bool(reply[2]))


def not_held(run_id: str, call_id: str, reply: Reply) -> NotOpen:
    """Return the error for a decision about a call that is not held."""
    if reply[0] != b"open":
        return NotOpen(f"call {call_id} of run {run_id!r} is settled already")
    states = {b"R": "waiting for a worker", b"B": "being sent", b"D": "put off, not held"}
    state = states.get(reply[1], "open")
    return NotOpen(f"call {call_id} of run {run_id!r} is not held: it is {state}")


def revive(store: Store, run_id: str, item_id: str, event: NewEvent, child: Child) -> int:
    """Try a step again that failed its run. Return the journal's time (ms).

    An execution begins with the flows that its worker has then. Raises NotOpen if there is nothing
    to try again, or if the run was cancelled.
    """
    unpinned = isinstance(child.payload, ExecutionItem) and child.payload.flows_of_now
    reply = store.step(
        "revive",
        run_id,
        item_id,
        seal_line(store, run_id, event),
        store.retention.keep_ms,
        store.retention.tombstone_ms,
        *_child(store, run_id, child),
        int(unpinned),
    )
    if reply[0] == b"cancelled":
        raise NotOpen(CANCELLED.format(run_id))
    if reply[0] != b"ok":
        raise NotOpen(
            f"step {item_id} of run {run_id!r} did not fail the run, or was tried again already"
        )
    store.to_disk()
    return int(reply[1])


def cancel(store: Store, run_id: str, event: NewEvent) -> int:
    """Cancel a run. Return how many steps were closed that had not begun.

    Raises NotOpen if the run has ended.
    """
    reply = store.step(
        "cancel",
        run_id,
        seal_line(store, run_id, event),
        store.retention.keep_ms,
        store.retention.tombstone_ms,
    )
    if reply[0] != b"ok":
        raise NotOpen(f"run {run_id!r} has ended")
    return int(reply[1])


def _child(store: Store, run_id: str, child: Child | None) -> tuple[str | bytes, ...]:
    return () if child is None else child.stored(store, run_id)
