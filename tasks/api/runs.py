"""The Python API: start a flow, find a run."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
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
from stripe_flows.engine.names import key_fault, run_id_fault
from stripe_flows.engine.nearest import nearest
from stripe_flows.engine.types import JSONObject
from stripe_flows.tasks.app import app
from stripe_flows.tasks.hint import Hint, queue_of
from stripe_flows.tasks.http.secrets import from_caller
from stripe_flows.tasks.input_digests import RunMeta, StartedAs, differences, input_digests
from stripe_flows.tasks.item import ExecutionItem
from stripe_flows.tasks.journal.read import RunState
from stripe_flows.tasks.journal.start import start
from stripe_flows.tasks.journal.workers import WorkerRow
from stripe_flows.tasks.services import Services, process_services
from stripe_flows.tasks.unknown_settings import report_unknown_variables

from .find import (
    Found,
    Since,
    Wanted,
    find_runs,
    runs_named,
    since_time,
    why_waiting,
)
from .inputs import (
    check_context_id,
    check_params,
    check_run_id,
    check_script,
    check_worker_id,
    digest,
    shown,
)
from .run import Run

MAX_LISTED = 10_000

SCRIPT = "script"
"""The flow name of a run that was started with a text."""


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
    """Starts a flow, and returns at once.

    Takes the name of a flow (`"main"`, for `flows/main.py`) or `script=`, the text of one. `params`:
    a dict of what JSON can hold, 64 KB at most; the script's `params`. `worker_id`: which workers
    carry it. `context_id`: what you call this piece of business (default: the run_id).
    `stripe_secret`: a Stripe key, or `env:NAME` for a variable that the workers have; None means
    `env:STRIPE_SECRET_KEY`. `run_id`: your own id of the order or of the job; a second start with
    the same one gives the same run and starts nothing (the first start's `stripe_secret` counts; all
    else must be the same). Without one, a fresh one is drawn.

    Gives the run. If the broker is down, the run is started all the same: a worker's sweeper
    publishes it.

    Raises InputError (nothing was started), FlowNotFound, RunMismatch (the run_id belongs to a run
    with other input; says what differs), RunExpired (it was used before), SettingsError,
    JournalUnavailable.
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
    """A run, and how many seconds ago it was started before; None where this start began it."""

    run: Run
    started_before: float | None


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
    """Do what `start_flow` does, and say whether the run was there before.

    `announce` is called with the run's id when all is checked, right before the start is written.
    """
    services = _services()
    run = check_run_id(run_id if run_id is not None else f"run-{uuid.uuid4().hex}")
    worker = check_worker_id(worker_id)
    context = check_context_id(context_id if context_id is not None else run)
    given = check_params(params)
    name, text = _what(flow, script)
    secret = from_caller(stripe_secret, services.sealer, allow_live=services.settings.allow_live)
    queue = queue_of(worker)
    workers = services.workers.consuming(queue)
    try:
        _check_workers(services, worker, workers)
        if text is None:
            _check_flow(services, name, workers)
    except InputError:
        # Whoever starts a run again gets it, also if nobody could start it now.
        if not Run(run, services).exists():
            raise

    item = ExecutionItem(
        flow=name,
        script=text,
        worker_id=worker,
        context_id=context,
        params=given,
        secret=secret,
    )
    meta = StartedAs(
        flow=name,
        worker_id=worker,
        context_id=context,
        input=digest(name, text, worker, context, given),
        digests=input_digests(text, given),
    )
    root = root_id(services.settings.namespace, run)
    announce(run)
    try:
        started = start(services.store, run, root, item, meta)
    except JournalUnavailable as error:
        raise JournalUnavailable(
            f"{error}; it may have started the run: start it again with run_id={run!r}"
        ) from None
    if started.meta.input != meta.input:
        raise RunMismatch(_mismatch(run, started.meta, meta, given))
    if started.attempt:
        hint = Hint(
            run=run,
            item=root,
            at=started.at,
            queue=queue,
            kind="execution",
            name=name,
            attempt=started.attempt,
            context_id=context,
        )
        services.publisher.publish([hint])
    before = None if started.new else max(started.at - started.since, 0) / 1000
    return Start(Run(run, services), before)


def get_run(run_id: str) -> Run:
    """The run. Raises RunNotFound (never started, or expired), InputError, JournalUnavailable."""
    run = Run(check_run_id(run_id), _services())
    run.state()
    return run


def list_runs(
    *,
    context_id: str | None = None,
    object: str | None = None,
    held: bool = False,
    failed: bool = False,
    running: bool = False,
    flow: str | None = None,
    since: Since | None = None,
    limit: int = 50,
) -> list[Run]:
    """Runs, newest first: all, or those for which everything that is named is so.

    `context_id`: of that context. `object`: whose answers name this Stripe id (`pi_…`, `cus_…`,
    `req_…`). `held`: with a call of unknown outcome. `failed`: with a step that failed and that
    nothing handled. `running`: with a step that is neither done nor held. `flow`: started with that
    flow. `since`: started since then: an age (`"2h"`, a timedelta), or a date or a time (UTC, unless
    it says another).

    The newest 10,000 runs are looked at, or as many of the context, the object, the held or the
    failed ones. Raises InputError, JournalUnavailable.
    """
    wanted = wanted_runs(
        context_id=context_id,
        object=object,
        held=held,
        failed=failed,
        running=running,
        flow=flow,
        since=since,
    )
    if type(limit) is not int or not 1 <= limit <= MAX_LISTED:
        raise InputError(f"limit {shown(limit)}: 1 to {MAX_LISTED} are taken")
    services = _services()
    return [Run(state.run_id, services) for state in find_runs(services.store, wanted, limit).runs]


def search(wanted: Wanted, limit: int) -> Found:
    """The same, as they stand, and how many runs were looked at."""
    return find_runs(_services().store, wanted, limit)


def reasons_to_wait(states: Sequence[RunState]) -> Mapping[str, str]:
    """Why the runs wait that do, in a line each, by run."""
    return why_waiting(_services().store, states)


def wanted_runs(
    *,
    context_id: str | None = None,
    object: str | None = None,
    held: bool = False,
    failed: bool = False,
    running: bool = False,
    flow: str | None = None,
    since: Since | None = None,
) -> Wanted:
    """What `list_runs` looks for. Raises InputError."""
    if object is not None and not (isinstance(object, str) and object):
        raise InputError(f"object {shown(object)} is not the id of a Stripe object (pi_…, cus_…)")
    if flow is not None and not (isinstance(flow, str) and is_flow_name(flow)):
        raise InputError(
            f"flow {shown(flow)} is not the name of a flow: 'main' stands for flows/main.py"
        )
    return Wanted(
        context_id=check_context_id(context_id) if context_id is not None else None,
        object_id=object,
        held=bool(held),
        failed=bool(failed),
        running=bool(running),
        flow=flow,
        since=since_time(since, datetime.now(UTC)) if since is not None else None,
    )


def named_runs(word: str) -> list[Run]:
    """The run of that id; else the runs whose answers name that Stripe id, or those of that context,
    newest first. Raises RunNotFound, InputError, JournalUnavailable."""
    services = _services()
    if run_id_fault(word) is None:
        run = Run(word, services)
        if run.exists():
            return [run]
    check_context_id(word)
    return [Run(state.run_id, services) for state in runs_named(services.store, word)]


def _services() -> Services:
    report_unknown_variables()
    return process_services(app)


def _what(flow: str | None, script: str | None) -> tuple[str, str | None]:
    if (flow is None) == (script is None):
        raise InputError("start_flow takes the name of a flow, or script= with the text of one")
    if script is not None:
        return SCRIPT, check_script(script)
    if not isinstance(flow, str) or not is_flow_name(flow) or key_fault(flow):
        raise InputError(
            f"flow {shown(flow)} is not the name of a flow: 'main' stands for flows/main.py"
        )
    return flow, None


def _check_workers(services: Services, worker: str, workers: Sequence[WorkerRow]) -> None:
    """With no worker there yet the run is taken, as Celery's users expect."""
    own = services.sealer.key_ids[0]
    if workers and not any(own in row.seal_keys for row in workers):
        raise InputError(
            f"no worker of {worker!r} has the seal key {own} of this process; they have "
            f"{', '.join(sorted({key for row in workers for key in row.seal_keys}))} "
            "(STRIPE_FLOWS_SEAL_KEYS)"
        )


def _check_flow(services: Services, name: str, workers: Sequence[WorkerRow]) -> None:
    """Refuses a flow that none of the live workers has, or that cannot be a script wherever it is;
    without workers, one not in the folder."""
    known: list[FlowSet] = []
    for set_id in {row.flow_set for row in workers if row.flow_set}:
        with suppress(JournalError):  # a set that is gone says nothing about the flow
            known.append(services.flows.flow_set(set_id))
    if services.settings.flows_dir.is_dir():
        known.append(services.folder.read()[0])
    names = {one for flows in known for one in flows}
    if names and name not in names:
        raise FlowNotFound(f"there is no flow {shown(name)}{nearest(name, names)}")
    faults = [flows.faults[name] for flows in known if name in flows.faults]
    if faults and not any(name in flows.shas for flows in known):
        raise InputError(f"flows/{name}.py: {faults[0]}; nothing was started")


def _mismatch(run: str, before: StartedAs, now: StartedAs, params: JSONObject) -> str:
    differs = differences(before, now, params)
    if differs:
        return (
            f"run_id {run!r} belongs to a run that was started with {' and '.join(differs)}; "
            "nothing was started"
        )
    return (
        f"run_id {run!r} belongs to a run of {_described(before)}, which was started with "
        f"other input than this one of {_described(now)}; nothing was started"
    )


def _described(meta: RunMeta) -> str:
    return f"flow {meta.flow!r}, worker {meta.worker_id!r}, context {meta.context_id!r}"
