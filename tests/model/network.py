"""Requests on their way, and Stripe's handling of them.

Modelled of Stripe ("Idempotent requests"): once a key's request executes, its answer is saved under the
key and replayed; while it executes, another with the same key gets a 409; answers that come before
Stripe looks at the key (403; 429, and 401, which counts as a 429) are not saved. A request whose client
has died or given up goes on alone and may be executed at any later time. The retrieval of an object
changes nothing. Not modelled: Stripe breaking its own promises.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.model.rules import Mutant, Scenario, Step
from tests.model.state import (
    ON_ITS_WAY,
    Request,
    State,
    Worker,
    charges,
    join,
    key_row,
    leave,
    payment,
    with_key,
)


class _Move(NamedTuple):
    label: str
    phase: str
    after: State
    by: str = "stripe"


def steps(scenario: Scenario, state: State) -> Iterator[Step]:
    """Return what may happen to each request, with or without a client that waits for it."""
    for worker in dict.fromkeys(state.workers):
        if worker.phase not in ON_ITS_WAY:
            continue
        key, rest = worker.key, leave(state, worker)
        for move in _moves(scenario, rest, key, worker.phase):
            after = join(move.after, worker._replace(phase=move.phase))
            yield Step(f"{move.label}, key {key}", after, move.by)
        if state.faults:
            gone = with_stray(rest, Request(key, worker.phase))
            gone = gone._replace(faults=state.faults - 1)
            label = f"the client's time-out, key {key}: its request goes on alone"
            yield Step(label, join(gone, worker._replace(phase="time-out")), "fault")
    for worker in dict.fromkeys(state.workers):
        if worker.phase == "fetching":
            yield from _retrieve(scenario, leave(state, worker), worker)
    for request in dict.fromkeys(state.stray):
        others = list(state.stray)
        others.remove(request)
        rest = state._replace(stray=tuple(others))
        for move in _moves(scenario, rest, request.key, request.phase):
            after = move.after
            if move.phase == "executing":
                after = with_stray(after, Request(request.key, "executing"))
            label = f"a request without a client, key {request.key}: {move.label}"
            yield Step(label, after, move.by)


def _retrieve(scenario: Scenario, rest: State, worker: Worker) -> Iterator[Step]:
    """Return what Stripe may answer about the object that a person named."""
    made = charges(rest, payment(worker.item)) or scenario.lacks(Mutant.CLAIM_UNCOMPARED)
    seen = ("fits", "differs") if made else ("differs",)
    for phase in seen:
        label = f"Stripe returns the object of {worker.item}: it {phase}"
        yield Step(label, join(rest, worker._replace(phase=phase)), "stripe")
    if rest.faults:
        less = rest._replace(faults=rest.faults - 1)
        after = join(less, worker._replace(phase="time-out"))
        yield Step(f"{worker.item}: no answer", after, "fault")


def with_stray(state: State, request: Request) -> State:
    return state._replace(stray=tuple(sorted([*state.stray, request])))


def _moves(scenario: Scenario, state: State, key: str, phase: str) -> Iterator[_Move]:
    row = key_row(state, key)
    if phase == "travelling":
        if row.saved:
            yield _Move(f"Stripe replays {row.saved}", row.saved, state)
        elif row.executing:
            yield _Move("Stripe says 409, in use", "409 in use", state)
        else:
            begun = with_key(state, row._replace(executing=True))
            yield _Move("Stripe begins to execute", "executing", begun)
        if state.faults:
            less = state._replace(faults=state.faults - 1)
            yield _Move("Stripe says 429", "429", less, "fault")
            yield _Move("Stripe refuses with 403", "403", less, "fault")
            yield _Move("the request never arrives", "time-out", less, "fault")
        return
    paid = row._replace(charges=row.charges + 1, executing=False)
    yield _Move("Stripe charges", "ok", with_key(state, paid._replace(saved="ok")))
    if scenario.declines:
        declined = row._replace(saved="declined", executing=False)
        yield _Move("Stripe declines", "declined", with_key(state, declined))
    if state.faults:
        broken = with_key(state, paid._replace(saved="500"))
        less = broken._replace(faults=state.faults - 1)
        yield _Move("Stripe charges and answers 500", "500", less, "fault")
