"""START: create the run and its first execution, unless the run exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from stripe_flows.engine.details import bounded
from stripe_flows.engine.errors import RunExpired
from stripe_flows.engine.masking import masked_object
from stripe_flows.tasks.events import NewEvent
from stripe_flows.tasks.hint import queue_of
from stripe_flows.tasks.input_digests import StartedAs
from stripe_flows.tasks.item import ExecutionItem

from .record import meta_of, seal_line
from .store import Store


def open_meta(store: Store, run_id: str, meta: bytes, first_line: bytes) -> StartedAs:
    """Return what a run was started as: from its `meta`, or from its first event if it has ended."""
    found = (
        store.sealer.open(run_id, "", "meta", meta) if meta else meta_of(store, run_id, first_line)
    )
    return StartedAs.model_validate(found)


@dataclass(frozen=True)
class Started:
    """A run that exists now. `new`: this START created it.

    `meta`: what the run was first started as. `at`: the journal's time in milliseconds, `since` that
    of the run's start. `attempt`: the attempt that the hint to publish is for; 0 where the first
    execution needs no hint.
    """

    new: bool
    meta: StartedAs
    at: int
    since: int
    attempt: int


def start(store: Store, run_id: str, root: str, item: ExecutionItem, meta: StartedAs) -> Started:
    """Start the run unless it exists.

    Raises RunExpired if the run_id belongs to a run that is deleted by now, JournalUnavailable.
    """
    params, cut = bounded(masked_object(item.params))
    event = NewEvent(
        kind="start",
        status="started",
        item=root,
        flow=item.flow,
        params=params,
        params_cut=cut,
    )
    first_line = seal_line(store, run_id, event, meta.model_dump(exclude_defaults=True))
    reply = store.step(
        "start",
        run_id,
        root,
        store.sealer.seal_json(
            run_id, root, "execution", item.model_dump_json(exclude_defaults=True)
        ),
        queue_of(item.worker_id),
        item.flow,
        store.sealer.seal_json(run_id, "", "meta", meta.model_dump_json(exclude_defaults=True)),
        item.context_id,
        first_line,
        store.retention.keep_ms,
        store.retention.tombstone_ms,
    )
    status = cast(Literal[b"started", b"already", b"expired"], reply[0])
    if status == b"expired":
        raise RunExpired(
            f"run_id {run_id!r} was used by a run that has ended and was cleared away; it is not "
            "started again, since that could charge twice. Use another run_id"
        )
    if status == b"started":
        at = int(reply[1])
        return Started(new=True, meta=meta, at=at, since=at, attempt=1)
    found = open_meta(store, run_id, reply[1], reply[6])
    waits = reply[2] == b"R"
    return Started(
        # No two seals are equal. So our own first try, whose reply was lost, wrote this line.
        new=bytes(reply[6]).endswith(b"|" + first_line),
        meta=found,
        at=int(reply[4]),
        since=int(reply[5]),
        attempt=int(reply[3]) + 1 if waits else 0,
    )
