"""Start a flow: check the input, write the run's first step, publish its hint."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from stripe_flows.engine.errors import (
    FlowNotFound,
    InputError,
    JournalError,
    JournalUnavailable,
    RunMismatch,
)
from stripe_flows.engine.flow import FlowSet, is_flow_name
from stripe_flows.engine.identity import root_id
from stripe_flows.engine.names import key_fault
from stripe_flows.engine.nearest import nearest
from stripe_flows.engine.types import JSONObject
from stripe_flows.tasks.hint import Hint, queue_of
from stripe_flows.tasks.http.secrets import from_caller
from stripe_flows.tasks.input_digests import (
    RunMeta,
    StartedAs,
    differences,
    input_digest,
    input_digests,
)
from stripe_flows.tasks.item import ExecutionItem
from stripe_flows.tasks.journal.start import start
from stripe_flows.tasks.journal.workers import WorkerRow
from stripe_flows.tasks.printable import shown
from stripe_flows.tasks.services import Services

from .inputs import (
    check_context_id,
    check_params,
    check_run_id,
    check_script,
    check_worker_id,
)
from .run import Run
from .services import caller_services

SCRIPT = "script"
"""The flow name of a run that was started with `script=`."""


def start_flow(
    flow: str | None = None,
    *,
    script: str | None = None,
    params: Mapping[str, Any] | None = None,
    worker_id: str = "default",
    context_id: str | None = None,
    stripe_secret: str | None = None,
    run_id: str | None = None,
) -> Run:
    """Start a flow and return its run at once.

    `flow`: the name of a flow (`"main"` stands for `flows/main.py`); or pass `script=`, the source of
    one. `params`: a dict that JSON can hold, at most 64 KB; the script's `params`. `worker_id`: the
    workers that carry the run. `context_id`: your name for this piece of business; default: the
    run_id. `stripe_secret`: a Stripe key, or `env:NAME` for a variable of the workers; None means
    `env:STRIPE_SECRET_KEY`. `run_id`: your own id of the order or the job; default: a random one. A
    second start with the same run_id returns the same run and starts nothing; its input must be the
    same, but for `stripe_secret`, of which the first one counts.

    If the broker is down, the run is started all the same: a worker's sweeper publishes it.

    Raises InputError (nothing was started), FlowNotFound, RunMismatch (the run_id belongs to a run
    with other input; reports the differences), RunExpired (the run_id was used before),
    SettingsError, JournalUnavailable.
    """
    start = start_or_find(
        flow,
        script=script,
        params=params,
        worker_id=worker_id,
        context_id=context_id,
        stripe_secret=stripe_secret,
        run_id=run_id,
    )
    return start.run


@dataclass(frozen=True)
class Start:
    """The result of `start_or_find`."""

    run: Run
    started_before: float | None
    """Seconds since an earlier start of the same run; None if this start began it."""


def start_or_find(
    flow: str | None,
    *,
    script: str | None,
    params: Mapping[str, Any] | None,
    worker_id: str,
    context_id: str | None,
    stripe_secret: str | None,
    run_id: str | None,
    announce: Callable[[str], None] = lambda _run_id: None,
) -> Start:
    """Do what `start_flow` does, and report an earlier start.

    Calls `announce` with the run_id after all checks, right before the start is written.
    """
    services = caller_services()
    run_id = check_run_id(run_id if run_id is not None else f"run-{uuid.uuid4().hex}")
    worker_id = check_worker_id(worker_id)
    context_id = check_context_id(context_id if context_id is not None else run_id)
    given = check_params(params)
    name, text = _what(flow, script)
    secret = from_caller(stripe_secret, services.sealer, allow_live=services.settings.allow_live)
    queue = queue_of(worker_id)
    workers = services.workers.consuming(queue)
    try:
        _check_workers(services, worker_id, workers)
        if text is None:
            _check_flow(services, name, workers)
    except InputError:
        # A second start returns the run, even if the flow or its workers are gone by now.
        if not Run(run_id, services).exists():
            raise

    item = ExecutionItem(
        flow=name,
        script=text,
        worker_id=worker_id,
        context_id=context_id,
        params=given,
        secret=secret,
    )
    meta = StartedAs(
        flow=name,
        worker_id=worker_id,
        context_id=context_id,
        input=input_digest(name, text, worker_id, context_id, given),
        digests=input_digests(text, given),
    )
    root = root_id(services.settings.namespace, run_id)
    announce(run_id)
    try:
        started = start(services.store, run_id, root, item, meta)
    except JournalUnavailable as error:
        raise JournalUnavailable(
            f"{error}; it may have started the run: start it again with run_id={run_id!r}"
        ) from None
    if started.meta.input != meta.input:
        raise RunMismatch(_mismatch(run_id, started.meta, meta, given))
    if started.attempt:
        hint = Hint(
            run_id=run_id,
            item_id=root,
            at=started.at,
            queue=queue,
            kind="execution",
            name=name,
            attempt=started.attempt,
            context_id=context_id,
        )
        services.publisher.publish([hint])
    before = None if started.new else max(started.at - started.since, 0) / 1000
    return Start(Run(run_id, services), before)


def _what(flow: str | None, script: str | None) -> tuple[str, str | None]:
    if (flow is None) == (script is None):
        raise InputError(
            "start_flow needs either the name of a flow or script= with the source of one"
        )
    if script is not None:
        return SCRIPT, check_script(script)
    if not isinstance(flow, str) or not is_flow_name(flow) or key_fault(flow):
        raise InputError(
            f"flow {shown(flow)} is not the name of a flow: 'main' stands for flows/main.py"
        )
    return flow, None


def _check_workers(services: Services, worker_id: str, workers: Sequence[WorkerRow]) -> None:
    """Raise InputError if workers are live, but none has this process's seal key."""
    own = services.sealer.key_ids[0]
    if workers and not any(own in row.seal_keys for row in workers):
        raise InputError(
            f"no worker of {worker_id!r} has the seal key {own} of this process; they have "
            f"{', '.join(sorted({key for row in workers for key in row.seal_keys}))} "
            "(STRIPE_FLOWS_SEAL_KEYS)"
        )


def _check_flow(services: Services, name: str, workers: Sequence[WorkerRow]) -> None:
    """Raise if no live worker and no flows folder here has the flow, or if its file is not a script.

    Raises FlowNotFound, InputError.
    """
    known: list[FlowSet] = []
    for set_id in {row.flow_set for row in workers if row.flow_set}:
        with suppress(JournalError):  # an expired set says nothing about the flow
            known.append(services.flows.flow_set(set_id))
    if services.settings.flows_dir.is_dir():
        known.append(services.folder.read()[0])
    names = {one for flows in known for one in flows}
    if names and name not in names:
        raise FlowNotFound(f"there is no flow {shown(name)}{nearest(name, names)}")
    faults = [flows.faults[name] for flows in known if name in flows.faults]
    if faults and not any(name in flows.shas for flows in known):
        raise InputError(f"flows/{name}.py: {faults[0]}; nothing was started")


def _mismatch(run_id: str, before: StartedAs, now: StartedAs, params: JSONObject) -> str:
    differs = differences(before, now, params)
    if differs:
        return (
            f"run_id {run_id!r} belongs to a run that was started with {' and '.join(differs)}; "
            "nothing was started"
        )
    return (
        f"run_id {run_id!r} belongs to a run of {_described(before)}, which was started with "
        f"other input than this one of {_described(now)}; nothing was started"
    )


def _described(meta: RunMeta) -> str:
    return f"flow {meta.flow!r}, worker {meta.worker_id!r}, context {meta.context_id!r}"
