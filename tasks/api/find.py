"""Finding runs: by what they are of, how they stand and when they were started, with a bound.

One filter chooses the index that is read, newest first; the others are asked of each run in it. What
nobody indexes (a run's flow, that it runs) costs a look at each run, so the looking ends somewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from stripe_flows.engine.errors import InputError, RunNotFound
from stripe_flows.tasks.journal.read import (
    Index,
    RunState,
    list_run_ids,
    read_many_open_items,
    read_runs,
)
from stripe_flows.tasks.journal.record import read_last_reasons
from stripe_flows.tasks.journal.store import Store
from stripe_flows.tasks.journal.workers import consumed_queues

from .inputs import shown
from .waiting import in_short, waits

MAX_LOOKED = 10_000
"""Runs that are looked at, at most."""

_PAGE = 200
_OPEN_ITEMS = 20
"""Open items of a run that are looked at for why it waits."""

Since: TypeAlias = str | date | datetime | timedelta

_AGE = re.compile(r"(\d{1,6})\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_STRIPE_ID = re.compile(r"[a-z]{2,}(?:_[a-z]+)*_[A-Za-z0-9_]{3,}")


@dataclass(frozen=True)
class Wanted:
    """Which runs are looked for; all of it has to be so."""

    context_id: str | None = None
    object_id: str | None = None
    held: bool = False
    failed: bool = False
    running: bool = False
    flow: str | None = None
    since: datetime | None = None

    @property
    def index(self) -> Index:
        """The index that has the fewest of them, where neither context nor object is named."""
        return "held" if self.held else "failed" if self.failed else "runs"

    @property
    def filters(self) -> bool:
        """Whether runs of the index may be none of them."""
        chosen = (self.context_id, self.object_id, self.held or None, self.failed or None)
        return bool(self.running or self.flow or self.since) or sum(map(bool, chosen)) > 1

    def fits(self, state: RunState) -> bool:
        """Whether the run is one of them, as far as its state says."""
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
    """Runs, newest first. `looked`: how many were looked at; `bounded`: there are more than that.

    `flows`: the flows of those that were looked at.
    """

    runs: Sequence[RunState]
    looked: int
    bounded: bool
    flows: frozenset[str]


def find_runs(store: Store, wanted: Wanted, limit: int) -> Found:
    """Return the newest `limit` runs that are wanted, of MAX_LOOKED that are looked at."""
    runs: list[RunState] = []
    seen: set[str] = set()
    flows: set[str] = set()
    # Of a context's runs, those that name an object: the object's are fewer.
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
        fresh = [run for run in page if run not in seen]
        seen.update(fresh)
        states = [state for state in read_runs(store, fresh) if state is not None]
        flows |= {state.meta.flow for state in states}
        runs += filter(wanted.fits, states)
        if not page or len(runs) >= limit:
            return Found(runs[:limit], looked, bounded=False, flows=frozenset(flows))
    return Found(runs, looked, bounded=True, flows=frozenset(flows))


def runs_named(store: Store, word: str, limit: int = 50) -> list[RunState]:
    """Return the runs that a word leads to which is no run's id, newest first.

    A Stripe id leads to the runs whose answers name it, a context's id to its runs. Raises
    RunNotFound where it leads to none.
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
    """Return why the runs wait that do, in a line each, by run."""
    waiting = [state.run_id for state in states if state.status in ("running", "held")]
    if not waiting:
        return {}
    items = read_many_open_items(store, waiting, _OPEN_ITEMS)
    put_off = [
        run
        for run, found in zip(waiting, items, strict=True)
        if any(item.state == "put_off" and not item.held for item in found)
    ]
    reasons = dict(zip(put_off, read_last_reasons(store, put_off), strict=True))
    consumed, now = consumed_queues(store), datetime.now(UTC)
    return {
        run: in_short(waits(found, reasons.get(run, {}), consumed, now))
        for run, found in zip(waiting, items, strict=True)
    }


def since_time(value: Since, now: datetime) -> datetime:
    """Return the time that `since` names: an age (`2h`), a date or a time, in UTC if it says none.

    Raises InputError.
    """
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
        raise InputError(f"since {shown(value)} is longer ago than there are dates") from None
