"""Faults, of which a scenario allows a number, and the passing of time, which costs none.

Modelled: a worker dies between any two steps, its hint lost or given back, its request going on
alone; a hint is lost or doubled; the journal goes back to an earlier state, which Stripe, the broker
and the workers do not. (A hint that is late needs no fault: the broker is a bag.) Time is a key's
age. Assumption A1: neither a request nor a worker before its socket outlives the hour between 23 h
and 24 h. Assumption A2: a rollback loses seconds, so no key ages within what it loses.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.model.journal import create
from tests.model.network import with_stray
from tests.model.rules import Mutant, Scenario, Step
from tests.model.state import (
    IDLE,
    ON_ITS_WAY,
    Age,
    Journal,
    Request,
    State,
    age,
    is_call,
    join,
    key_row,
    leave,
    on_its_way,
    payment,
    with_hint,
    with_key,
    without_hint,
)


def steps(scenario: Scenario, state: State) -> Iterator[Step]:
    """Return every fault that may happen now, and the passing of time."""
    if state.faults and scenario.crashes:
        yield from _crashes(state)
        yield from _hints(state)
    if scenario.keys_age:
        yield from _time(scenario, state)
    if scenario.rolls_back:
        yield from _rollback(scenario, state)


def _crashes(state: State) -> Iterator[Step]:
    for worker in dict.fromkeys(state.workers):
        if worker == IDLE:
            continue
        dead = join(leave(state, worker), IDLE)._replace(faults=state.faults - 1)
        if worker.phase in ON_ITS_WAY:
            dead = with_stray(dead, Request(worker.key, worker.phase))
        label = f"a worker dies, {worker.doing} {worker.item or 'what it swept'}"
        yield Step(f"{label}; its hint is lost", dead, "fault")
        if worker.item and state.hints.count(worker.item) < 2:
            yield Step(f"{label}; its hint comes back", with_hint(dead, worker.item), "fault")


def _hints(state: State) -> Iterator[Step]:
    less = state._replace(faults=state.faults - 1)
    for hint in dict.fromkeys(state.hints):
        yield Step(f"the hint of {hint} is lost", without_hint(less, hint), "fault")
        if state.hints.count(hint) < 2:
            yield Step(f"the hint of {hint} is doubled", with_hint(less, hint), "fault")


def _time(scenario: Scenario, state: State) -> Iterator[Step]:
    for key in sorted(_dated_keys(scenario, state)):
        others = tuple(row for row in state.ages if row.key != key)
        # A rollback restores a state that is seconds old (A2), not hours.
        later = state._replace(on_disk=None)
        if not age(state, key):
            old = later._replace(ages=tuple(sorted([*others, Age(key, "23 h")])))
            yield Step(f"the key {key} is 23 h old", old, "time")
        elif age(state, key) == "23 h" and not on_its_way(state, payment(key)):
            row = key_row(state, key)
            forgotten = later._replace(ages=tuple(sorted([*others, Age(key, "forgotten")])))
            if row.charges or row.saved:
                forgotten = with_key(forgotten, row._replace(saved=""))
            yield Step(f"Stripe forgets the key {key}", forgotten, "time")


def _dated_keys(scenario: Scenario, state: State) -> set[str]:
    """Return the keys of open calls that were sent, by the journal or by Stripe."""
    keys = {
        item.id.rstrip("'")
        for item in state.journal.items
        if item.is_open and item.sent and is_call(item.id)
    }
    if state.journal.open:
        # Stripe may know more than the journal: after a rollback, or where a rule is left out.
        keys |= {row.name for row in state.keys}
    return keys


def _rollback(scenario: Scenario, state: State) -> Iterator[Step]:
    if state.epoch:
        return
    if scenario.lacks(Mutant.START_AGAIN):
        if state.faults:
            gone = _back_to(state, Journal((), (), 0))
            again = create(gone, ("main",))
            yield Step(
                "the journal loses the whole run; its caller starts it again", again, "fault"
            )
        return
    if state.on_disk is None:
        workers = tuple(sorted(w._replace(old_lease=w.lease) for w in state.workers))
        kept = state._replace(on_disk=state.journal, workers=workers)
        yield Step("the journal reaches the disk, so far", kept, "time")
    elif state.faults:
        label = "the journal goes back to what had reached the disk"
        yield Step(label, _back_to(state, state.on_disk), "fault")


def _back_to(state: State, journal: Journal) -> State:
    # A token that was the item's then is the item's again.
    workers = tuple(sorted(w._replace(lease=w.old_lease, old_lease=False) for w in state.workers))
    return state._replace(
        journal=journal, on_disk=None, workers=workers, epoch=1, faults=state.faults - 1
    )
