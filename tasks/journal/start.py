"""START: the run and its first execution, or what is there already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from pydantic import BaseModel, ConfigDict

from stripe_flows.engine.errors import RunExpired
from stripe_flows.tasks.events import Line
from stripe_flows.tasks.items import ExecutionItem, queue_of
from stripe_flows.tasks.journal.record import seal_line
from stripe_flows.tasks.journal.store import Store


class RunMeta(BaseModel):
    """What a run was started as. `input` is a digest of the whole input, to tell a mismatch."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    flow: str
    worker_id: str
    context_id: str
    input: str


@dataclass(frozen=True)
class Started:
    """`meta` is the run's, whoever started it. `at` is the journal's time in milliseconds.

    `attempt` is that of the hint which should be published for the first execution, or 0 where it
    has gone beyond being published.
    """

    new: bool
    meta: RunMeta
    at: int
    attempt: int


def start(store: Store, run: str, root: str, item: ExecutionItem, meta: RunMeta) -> Started:
    """Starts the run unless it is there. Raises RunExpired where its run_id was used before."""
    line = Line(kind="start", status="started", item=root, flow=item.flow)
    reply = store.run(
        "start",
        run,
        run,
        root,
        store.sealer.seal_json(run, root, "execution", item.model_dump_json(exclude_defaults=True)),
        queue_of(item.worker_id),
        item.flow,
        store.sealer.seal_json(run, "", "meta", meta.model_dump_json()),
        item.context_id,
        seal_line(store, run, line),
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
        return Started(new=True, meta=meta, at=int(reply[1]), attempt=1)
    found = RunMeta.model_validate(store.sealer.open(run, "", "meta", reply[1]))
    waits = reply[2] == b"R"
    return Started(
        new=False, meta=found, at=int(reply[4]), attempt=int(reply[3]) + 1 if waits else 0
    )
