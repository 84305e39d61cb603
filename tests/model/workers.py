"""The steps of a worker: it takes a hint, begins, runs or sends, commits, publishes, acknowledges.

Between any two of these steps it may die (faults.py). Any idle worker may sweep: the model allows it at
every moment, which is more than the product's rule for lost hints allows.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.model import journal
from tests.model.rules import Mutant, Scenario, Step
from tests.model.state import (
    IDLE,
    ON_ITS_WAY,
    ItemState,
    State,
    Worker,
    find,
    is_call,
    is_retrieval,
    join,
    leave,
    payment,
    with_hint,
    without_hint,
)


def steps(scenario: Scenario, state: State, worker: Worker) -> Iterator[Step]:
    """Return every step that this worker may take next."""
    rest = leave(state, worker)
    if worker.doing == "idle":
        for hint in dict.fromkeys(state.hints):
            got = Worker("got", hint)
            yield Step(f"a worker takes the hint of {hint}", join(without_hint(rest, hint), got))
        yield from _sweep(scenario, rest)
    elif worker.doing == "got":
        yield _begin(scenario, rest, worker)
        if scenario.revokes:
            after = journal.revoke(scenario, rest, find(rest.journal, worker.item))
            label = f"the worker discards the hint of {worker.item}, which a person revoked"
            yield Step(label, join(after, Worker("publishing", worker.item)), "person")
    elif worker.doing == "running":
        yield _commit(scenario, rest, worker)
    elif worker.doing == "waiting" and is_retrieval(worker.item):
        if worker.phase != "fetching":
            yield _compare(scenario, rest, worker)
    elif worker.doing == "waiting" and worker.phase not in ON_ITS_WAY:
        yield _answer(scenario, rest, worker)
    elif worker.doing == "halfway":
        created = journal.create(rest, worker.hints)
        publishing = Worker("publishing", worker.item, hints=worker.hints)
        yield Step(f"the second write about {worker.item}", join(created, publishing))
    elif worker.doing == "publishing":
        yield _publish(rest, worker)


def _publish(rest: State, worker: Worker) -> Step:
    if not worker.hints:
        done = f"acknowledges {worker.item}" if worker.item else "has swept"
        return Step(f"the worker {done}", join(rest, IDLE))
    hint, *others = worker.hints
    after = join(with_hint(rest, hint), worker._replace(hints=tuple(others)))
    return Step(f"the worker publishes the hint of {hint}", after)


def _sweep(scenario: Scenario, rest: State) -> Iterator[Step]:
    if scenario.lacks(Mutant.NO_SWEEPER):
        return
    in_hand = {w.item for w in rest.workers if w.doing == "got" or w.lease}
    in_hand |= {hint for w in rest.workers if w.doing == "publishing" for hint in w.hints}
    for item in rest.journal.items:
        if not item.is_open or item.state == "held":
            continue
        # Too early is a fault: a slow worker, a backlog, a due time that passed too soon.
        early = item.state != "put off" and (
            item.id in in_hand or (item.state == "published" and item.id in rest.hints)
        )
        if early and not rest.faults:
            continue
        swept = journal.sweep(scenario, rest._replace(faults=rest.faults - early), item)
        label = f"a sweep takes {item.id}, which was {item.state}{', too early' if early else ''}"
        after = join(swept, Worker("publishing", hints=(item.id,)))
        yield Step(label, after, "fault" if early else "sweeper")


def _key(scenario: Scenario, state: State, item: str) -> str:
    """Return the idempotency key: the call's id; for a retry with the same key, that of the first."""
    if scenario.lacks(Mutant.DRAWN_IDS):
        return f"{item}#{state.commits}"
    if scenario.lacks(Mutant.KEY_PER_ATTEMPT):
        return f"{item}#{sum(payment(row.name) == payment(item) for row in state.keys)}"
    return item.rstrip("'")


def _begin(scenario: Scenario, rest: State, worker: Worker) -> Step:
    item = worker.item
    key = _key(scenario, rest, item) if is_call(item) else ""
    outcome, after = journal.begin(scenario, rest, item, key)
    if outcome not in ("begun", "too often"):
        dropped = Worker("publishing", item)
        return Step(f"BEGIN {item}: {outcome}, the hint is dropped", join(after, dropped))
    if is_call(item):
        sending = Worker("waiting", item, lease=True, phase="travelling", key=key)
        return Step(f"BEGIN {item}, and send it under the key {key}", join(after, sending))
    if is_retrieval(item):
        fetching = Worker("waiting", item, lease=True, phase="fetching")
        return Step(f"BEGIN {item}, and ask Stripe for the object", join(after, fetching))
    worn_out = outcome == "too often"
    running = Worker("running", item, lease=True, phase="too often" if worn_out else "")
    return Step(f"BEGIN {item}{', once too often' if worn_out else ''}", join(after, running))


def _commit(scenario: Scenario, rest: State, worker: Worker) -> Step:
    item = find(rest.journal, worker.item)
    finished = Worker("publishing", worker.item)
    closed = item is None or not item.is_open
    if item is None or (closed and not scenario.lacks(Mutant.COMMIT_UNCHECKED)):
        return Step(f"CLOSE {worker.item}: it is done already", join(rest, finished))
    if worker.phase == "too often":
        if scenario.lacks(Mutant.LIMIT_LEAVES_BEGUN):
            return Step(f"{item.id} was begun too often, and is left", join(rest, finished))
        failed = journal.close(scenario, rest, item, "failed", silent=True)
        return Step(f"CLOSE {item.id} as failed, without calls", join(failed, finished))
    calls = scenario.script[item.id.replace("'", "").replace("*", "")]
    if scenario.lacks(Mutant.TWO_WRITES):
        halfway = Worker("halfway", item.id, lease=True, hints=calls)
        return Step(
            f"CLOSE {item.id} alone", join(journal.close(scenario, rest, item, "done"), halfway)
        )
    after = journal.close_and_follow(scenario, rest, item, "done", calls)
    if scenario.lacks(Mutant.DRAWN_IDS):
        after = after._replace(commits=rest.commits + 1)
    return _follow(f"CLOSE {item.id}", rest, after, item.id, calls)


def _answer(scenario: Scenario, rest: State, worker: Worker) -> Step:
    got, item = worker.phase, find(rest.journal, worker.item)
    finished = Worker("publishing", worker.item)
    if item is None or (not item.is_open and not _looks_away(scenario, got)):
        return Step(f"{worker.item}: {got}, but it is closed", join(rest, finished))
    continuation = (item.id + "+",)
    if got in ("ok", "declined"):
        # Stripe saved it under the key, so it is the truth, however late and from any worker.
        outcome: ItemState = "answered" if got == "ok" else "refused"
        after = journal.close_and_follow(scenario, rest, item, outcome, continuation)
        return _follow(f"CLOSE {item.id}: {got}", rest, after, item.id, continuation)
    lease = worker.lease and item.state != "held"
    careless = scenario.lacks(Mutant.DEFER_UNCHECKED) or scenario.lacks(Mutant.REFUSAL_CLOSES)
    if not lease and not careless:
        return Step(f"{item.id}: {got}, but the lease is lost", join(rest, finished))
    refused = got == "403" and journal.refusal_counts(scenario, rest, item)
    if refused or (got == "500" and scenario.lacks(Mutant.UNKNOWN_IS_ERROR)):
        after = journal.close_and_follow(scenario, rest, item, "refused", continuation)
        return _follow(f"CLOSE {item.id}: {got}, refused", rest, after, item.id, continuation)
    if got == "500":
        # Stripe saved it, so asking again returns the same: only a person can find out.
        return Step(f"HOLD {item.id}: {got}", join(journal.hold(rest, item), finished))
    put_off = journal.defer(
        scenario,
        rest,
        item,
        unsure=got != "429",
        counts=got not in ("409 in use", "429"),
        unsent=got == "429",
    )
    return Step(f"DEFER {item.id}: {got}", join(put_off, finished))


def _compare(scenario: Scenario, rest: State, worker: Worker) -> Step:
    """Settle the call of a claim with the retrieved object, or refuse the object."""
    got, item = worker.phase, find(rest.journal, worker.item)
    call = find(rest.journal, worker.item.rstrip("?"))
    finished = Worker("publishing", worker.item)
    if item is None or call is None or not item.is_open:
        return Step(f"{worker.item}: {got}, but it is closed", join(rest, finished))
    if got == "time-out":
        if not worker.lease:
            return Step(f"{item.id}: {got}, but the lease is lost", join(rest, finished))
        put_off = journal.defer(scenario, rest, item, unsure=False, counts=False)
        return Step(f"DEFER {item.id}: {got}", join(put_off, finished))
    settled = not call.is_open and not scenario.lacks(Mutant.CLAIM_SETTLES_CLOSED)
    if got == "differs" or settled:
        why = "the call is settled" if settled else "it is not the call's"
        after = journal.refuse_claim(scenario, rest, item, call)
        return Step(f"CLOSE {item.id}: {why}", join(after, finished))
    after = journal.resolve(scenario, rest, item, call)
    return _follow(f"RESOLVE {call.id}", rest, after, item.id, (call.id + "+",))


def _follow(label: str, before: State, after: State, item: str, follow: tuple[str, ...]) -> Step:
    """Publish the created items: none, if the run was cancelled."""
    created = len(after.journal.created) > len(before.journal.created)
    return Step(label, join(after, Worker("publishing", item, hints=follow if created else ())))


def _looks_away(scenario: Scenario, got: str) -> bool:
    if scenario.lacks(Mutant.ANSWER_UNCHECKED):
        return got == "ok"
    return scenario.lacks(Mutant.DEFER_UNCHECKED) and got == "429"
