"""START: the run and its first execution, or what is there already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from stripe_flows.engine.details import bounded
from stripe_flows.engine.errors import RunExpired
from stripe_flows.engine.masking import masked_object
from stripe_flows.tasks.events import Line
from stripe_flows.tasks.payload import ExecutionItem, queue_of
from stripe_flows.tasks.started_as import StartedAs

from .record import meta_of, seal_line
from .store import Store


def open_meta(store: Store, run: str, meta: bytes, first_line: bytes) -> StartedAs:
    """What a run was started as: from its `meta`, or from its first line once it has ended."""
    found = store.sealer.open(run, "", "meta", meta) if meta else meta_of(store, run, first_line)
    return StartedAs.model_validate(found)


@dataclass(frozen=True)
class Started:
    """`meta` is the run's, whoever started it. `at` is the journal's time in milliseconds, and
    `since` that of the run's start.

    `attempt` is that of the hint which should be published for the first execution, or 0 where it
    has gone beyond being published.
    """

    new: bool
    meta: StartedAs
    at: int
    since: int
    attempt: int


def start(store: Store, run: str, root: str, item: ExecutionItem, meta: StartedAs) -> Started:
    """Starts the run unless it is there. Raises RunExpired where its run_id was used before."""
    params, cut = bounded(masked_object(item.params))
    line = Line(
        kind="start",
        status="started",
        item=root,
        flow=item.flow,
        params=params,
        params_cut=cut,
    )
    first_line = seal_line(store, run, line, meta.model_dump(exclude_defaults=True))
    reply = store.run(
        "start",
        run,
        run,
        root,
        store.sealer.seal_json(run, root, "execution", item.model_dump_json(exclude_defaults=True)),
        queue_of(item.worker_id),
        item.flow,
        store.sealer.seal_json(run, "", "meta", meta.model_dump_json(exclude_defaults=True)),
        item.context_id,
        first_line,
        store.retention.keep_ms,
        store.retention.tombstone_ms,
    )
    status = cast(Literal[b"started", b"already", b"expired"], reply[0])
    if status == b"expired":
        raise RunExpired(
            f"run_id {run!r} was used by a run that has ended and was cleared away; it is not "
            "started again, since that could charge twice. Take another run_id"
        )
    if status == b"started":
        at = int(reply[1])
        return Started(new=True, meta=meta, at=at, since=at, attempt=1)
    found = open_meta(store, run, reply[1], reply[6])
    waits = reply[2] == b"R"
    return Started(
        # No two seals are the same: this one was written by our own first try, whose answer was lost.
        new=bytes(reply[6]).endswith(b"|" + first_line),
        meta=found,
        at=int(reply[4]),
        since=int(reply[5]),
        attempt=int(reply[3]) + 1 if waits else 0,
    )
