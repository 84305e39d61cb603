"""DECIDE, REVIVE, CANCEL: what a person may do about a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from stripe_flows.engine.errors import NotOpen
from stripe_flows.tasks.events import Line
from stripe_flows.tasks.payload import ExecutionItem

from .close import Child
from .record import seal_line
from .store import Reply, Store

CANCELLED = "run {!r} was cancelled: a call of it can be resolved, not tried again"

DecideMode: TypeAlias = Literal["resolve", "same", "new_key"]
"""A person states what came of it, or retries: with the same key, whose age and doubt go on with the
child, or with a new one."""


@dataclass(frozen=True)
class Settled:
    """A decision was taken, `at` (ms). `follows`: whether the child was created; not if cancelled."""

    at: int
    follows: bool


def decide(
    store: Store,
    run: str,
    item: str,
    line: Line,
    child: Child | None,
    mode: DecideMode,
    *,
    fails: bool = False,
) -> Settled:
    """Settles a held call; `child`, if given, follows in its place. `fails`: the run has failed.

    Raises NotOpen where the call is not held, or where a retry is asked for in a cancelled run.
    """
    reply = store.run(
        "decide",
        run,
        run,
        item,
        seal_line(store, run, line),
        store.retention.keep_ms,
        store.retention.tombstone_ms,
        mode,
        int(fails),
        *_child(store, run, child),
    )
    if reply[0] in (b"closed", b"open"):
        raise not_held(run, item, reply)
    if reply[0] == b"cancelled":
        raise NotOpen(CANCELLED.format(run))
    store.to_disk()
    return Settled(int(reply[1]), follows=bool(reply[2]))


def not_held(run: str, item: str, reply: Reply) -> NotOpen:
    """Return the error for a call that nobody has to decide about."""
    if reply[0] != b"open":
        return NotOpen(f"call {item} of run {run!r} is settled already")
    states = {b"R": "waiting for a worker", b"B": "being sent", b"D": "put off, not held"}
    return NotOpen(f"call {item} of run {run!r} is not held: it is {states.get(reply[1], 'open')}")


def revive(store: Store, run: str, item: str, line: Line, child: Child) -> int:
    """Tries a step again that failed its run. Returns the journal's time (ms).

    An execution begins with the flows that its worker has then. Raises NotOpen where there is
    nothing to try again, or the run was cancelled.
    """
    unpinned = isinstance(child.payload, ExecutionItem) and child.payload.flows_of_now
    reply = store.run(
        "revive",
        run,
        run,
        item,
        seal_line(store, run, line),
        store.retention.keep_ms,
        store.retention.tombstone_ms,
        *_child(store, run, child),
        int(unpinned),
    )
    if reply[0] == b"cancelled":
        raise NotOpen(CANCELLED.format(run))
    if reply[0] != b"ok":
        raise NotOpen(
            f"step {item} of run {run!r} did not fail the run, or was tried again already"
        )
    store.to_disk()
    return int(reply[1])


def cancel(store: Store, run: str, line: Line) -> int:
    """Cancels a run; gives how many steps were closed that had not begun.

    Raises NotOpen where the run has ended.
    """
    reply = store.run(
        "cancel",
        run,
        run,
        seal_line(store, run, line),
        store.retention.keep_ms,
        store.retention.tombstone_ms,
    )
    if reply[0] != b"ok":
        raise NotOpen(f"run {run!r} has ended")
    return int(reply[1])


def _child(store: Store, run: str, child: Child | None) -> tuple[str | bytes, ...]:
    return () if child is None else child.stored(store, run)
