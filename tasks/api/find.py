"""Find runs: by id, by Stripe's ids, by status and by start, newest first.

One filter chooses the index that is read; the others are checked on each run in it. Nothing indexes a
run's flow or that it runs, so that costs a look at each run, and the number of runs looked at is
limited.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from stripe_flows.engine.errors import InputError, NotOpen, RunNotFound
from stripe_flows.engine.flow import is_flow_name
from stripe_flows.engine.names import run_id_fault
from stripe_flows.tasks.journal.read import (
    Index,
    RunState,
    list_run_ids,
    read_many_open_items,
    read_payload,
    read_runs,
)
from stripe_flows.tasks.journal.record import read_last_reasons
from stripe_flows.tasks.journal.store import Store
from stripe_flows.tasks.journal.workers import consumed_queues
from stripe_flows.tasks.printable import shown

from .inputs import check_context_id, check_run_id
from .run import Run
from .services import caller_services
from .waiting import in_short, waits

MAX_LISTED = 10_000
"""Limit of the runs that one search returns."""

MAX_LOOKED = 10_000
"""Limit of the runs that one search looks at."""

_PAGE = 200
_OPEN_ITEMS = 20
"""Open items of a run that are read to explain why it waits."""

Since: TypeAlias = str | date | datetime | timedelta
"""A start time: an age (`"2h"`, a timedelta), a date, or a time (UTC unless it names a zone)."""

_AGE = re.compile(r"(\d{1,6})\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_STRIPE_ID = re.compile(r"[a-z]{2,}(?:_[a-z]+)*_[A-Za-z0-9_]{3,}")


def get_run(run_id: str) -> Run:
    """Return a run. Raises RunNotFound (never started, or expired), InputError, JournalUnavailable."""
    run = Run(check_run_id(run_id), caller_services())
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
    """Return the newest runs, newest first; each filter that is given has to fit.

    `context_id`: runs of this context. `object`: runs whose answers name this Stripe id (`pi_…`,
    `cus_…`, `req_…`). `held`: runs with a call of unknown outcome. `failed`: runs with a failed step
    that nothing handled. `running`: runs with a step that is neither done nor held. `flow`: runs
    that were started with this flow. `since`: runs that were started since then: an age (`"2h"`, a
    timedelta), a date or a time (UTC unless it names a zone).

    The newest 10,000 runs are looked at (with a context, an object, `held` or `failed`: the newest
    10,000 of those). Raises InputError, JournalUnavailable.
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
        raise InputError(f"limit {shown(limit)} is not a whole number from 1 to {MAX_LISTED}")
    services = caller_services()
    found = find_runs(services.store, wanted, limit)
    return [Run(state.run_id, services) for state in found.runs]


def named_runs(word: str) -> list[Run]:
    """Return the run with this id, else the runs of this Stripe id or context, newest first.

    Raises RunNotFound, InputError, JournalUnavailable.
    """
    services = caller_services()
    if run_id_fault(word) is None:
        run = Run(word, services)
        if run.exists():
            return [run]
    check_context_id(word)
    return [Run(state.run_id, services) for state in _runs_named(services.store, word)]


def search_runs(wanted: Wanted, limit: int) -> Found:
    """Return the state of the newest runs that pass the filters, and how many were looked at."""
    return find_runs(caller_services().store, wanted, limit)


def reasons_to_wait(states: Sequence[RunState]) -> Mapping[str, str]:
    """Return one line for each run that waits, by run_id: why it waits."""
    return why_waiting(caller_services().store, states)


def run_of_step(item_id: str) -> Run:
    """Return the run that a held or failed step belongs to. Raises NotOpen, JournalUnavailable."""
    services = caller_services()
    for index in ("held", "failed"):
        for run_id in list_run_ids(services.store, index, limit=MAX_LOOKED):
            if read_payload(services.store, run_id, item_id) is not None:
                return Run(run_id, services)
    raise NotOpen(
        f"no held or failed run has a step {item_id!r}; `stripe-flows list --held` shows them"
    )


@dataclass(frozen=True)
class Wanted:
    """The filters of a search; a run has to pass them all."""

    context_id: str | None = None
    object_id: str | None = None
    held: bool = False
    failed: bool = False
    running: bool = False
    flow: str | None = None
    since: datetime | None = None

    @property
    def index(self) -> Index:
        """The smallest index that has all of these runs, if no context or object is given."""
        return "held" if self.held else "failed" if self.failed else "runs"

    @property
    def filters(self) -> bool:
        """True if the index may also have other runs."""
        chosen = (self.context_id, self.object_id, self.held or None, self.failed or None)
        return bool(self.running or self.flow or self.since) or sum(map(bool, chosen)) > 1

    def fits(self, state: RunState) -> bool:
        """Return whether the run passes the filters that its state can answer."""
        return (
            (self.context_id is None or state.meta.context_id == self.context_id)
            and (not self.held or state.held > 0)
            and (not self.failed or state.failed > 0)
            and (not self.running or state.status == "running")
            and (self.flow is None or state.meta.flow == self.flow)
            and (self.since is None or state.started >= self.since)
        )


@dataclass(frozen=True)
class Found:
    """The result of a search."""

    runs: Sequence[RunState]
    """The runs that pass the filters, newest first."""
    looked: int
    """The number of runs that were looked at."""
    bounded: bool
    """True if the search ended at its limit; older runs were not looked at."""
    flows: frozenset[str]
    """The flows of the runs that were looked at."""


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
    """Return the filters of `list_runs`, checked. Raises InputError."""
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


def find_runs(store: Store, wanted: Wanted, limit: int) -> Found:
    """Return the newest `limit` runs that pass the filters; look at MAX_LOOKED runs at most."""
    runs: list[RunState] = []
    seen: set[str] = set()
    flows: set[str] = set()
    # With both a context and an object: the object's index is the smaller one.
    context = wanted.context_id if wanted.object_id is None else None
    looked = 0
    while looked < MAX_LOOKED:
        page = list_run_ids(
            store,
            wanted.index,
            context_id=context,
            object_id=wanted.object_id,
            since=wanted.since,
            offset=looked,
            limit=_PAGE if wanted.filters else min(max(limit, 1), _PAGE),
        )
        looked += len(page)
        fresh = [run_id for run_id in page if run_id not in seen]
        seen.update(fresh)
        states = [state for state in read_runs(store, fresh) if state is not None]
        flows |= {state.meta.flow for state in states}
        runs += filter(wanted.fits, states)
        if not page or len(runs) >= limit:
            return Found(runs[:limit], looked, bounded=False, flows=frozenset(flows))
    return Found(runs, looked, bounded=True, flows=frozenset(flows))


def _runs_named(store: Store, word: str, limit: int = 50) -> list[RunState]:
    """Return the runs whose answers name this Stripe id, else those of this context, newest first.

    Raises RunNotFound if there are none.
    """
    if _STRIPE_ID.fullmatch(word):
        found = find_runs(store, Wanted(object_id=word), limit).runs
        if found:
            return list(found)
    found = find_runs(store, Wanted(context_id=word), limit).runs
    if not found:
        raise RunNotFound(
            f"there is no run {shown(word)}, no context of that name and no run whose answers name "
            "it: it was never started, or has expired"
        )
    return list(found)


def why_waiting(store: Store, states: Sequence[RunState]) -> Mapping[str, str]:
    """Return one line for each run that waits, by run_id: why it waits."""
    waiting = [state.run_id for state in states if state.status in ("running", "held")]
    if not waiting:
        return {}
    items = read_many_open_items(store, waiting, _OPEN_ITEMS)
    put_off = [
        run_id
        for run_id, found in zip(waiting, items, strict=True)
        if any(item.state == "put_off" and not item.held for item in found)
    ]
    reasons = dict(zip(put_off, read_last_reasons(store, put_off), strict=True))
    consumed, now = consumed_queues(store), datetime.now(UTC)
    return {
        run_id: in_short(waits(found, reasons.get(run_id, {}), consumed, now))
        for run_id, found in zip(waiting, items, strict=True)
    }


def since_time(value: Since, now: datetime) -> datetime:
    """Return `since` as a time in UTC, unless it names a zone. Raises InputError."""
    if isinstance(value, timedelta):
        return _before(now, value, value)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, str):
        age = _AGE.fullmatch(value.strip())
        if age is not None:
            return _before(now, timedelta(**{_UNITS[age[2]]: int(age[1])}), value)
        try:
            return since_time(datetime.fromisoformat(value.strip()), now)
        except ValueError:
            pass
    raise InputError(
        f"since {shown(value)} is neither an age such as 30m, 2h or 3d nor a date such as "
        f"{now:%Y-%m-%d} or {now:%Y-%m-%dT%H:%M} (UTC)"
    )


def _before(now: datetime, age: timedelta, value: object) -> datetime:
    try:
        return now - age
    except OverflowError:
        raise InputError(f"since {shown(value)} is before the first date there is") from None
