"""Decisions of persons: resolve a held call, retry a step, cancel the run. Any time, without a fault.

Modelled: a decision is one write (DECIDE, REVIVE). It is allowed if the call is held, or put off and
counted as held, or refused without an error flow, or if an execution failed; requests of the call may
still be on their way. "It was made" is a claim: CLAIM creates the retrieval of the object that the
person names, and a worker compares it (workers.py). The person may name a wrong object.
Assumption A3: "nothing happened" and a new key are the person's own word, which is true and given
when nothing is on its way any more. Assumption A4: a decision is on disk before anything follows
from it, so no rollback forgets it. One retry a payment, one claim a call.
A cancel and a claim need none of this: one that is lost in a rollback was not given.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.model import journal
from tests.model.rules import Mutant, Scenario, Step
from tests.model.state import (
    Item,
    ItemState,
    State,
    charges,
    is_call,
    is_retrieval,
    on_its_way,
    payment,
)


def steps(scenario: Scenario, state: State) -> Iterator[Step]:
    """Return every decision that a person may take now."""
    if scenario.people:
        for step in _decisions(scenario, state):
            if not scenario.lacks(Mutant.DECISION_ROLLS_BACK):
                step = step._replace(after=step.after._replace(on_disk=None))
            yield step
        yield from _claims(scenario, state)
    if scenario.cancels and state.journal.open and not state.journal.cancelled:
        yield Step("a person cancels the run", cancel(scenario, state), "person")


def _decisions(scenario: Scenario, state: State) -> Iterator[Step]:
    for item in state.journal.items:
        if item.state == "refused" and item.silent:
            yield from _revive(state, item)
        if item.state == "failed":
            yield from _rerun(state, item, "'")
        if scenario.lacks(Mutant.REVIVE_UNCHECKED) and _was_rerun(state, item):
            yield from _rerun(state, item, "*")
        if is_call(item.id) and _may_be_decided(scenario, item):
            yield from _resolve(scenario, state, item)
            yield from _retry(scenario, state, item)
    if scenario.lacks(Mutant.DECISION_IN_TWO_WRITES):
        yield from _second_write(state)


def _may_be_decided(scenario: Scenario, item: Item) -> bool:
    if scenario.lacks(Mutant.DECISION_UNCHECKED):
        return item.state in ("held", "put off", "answered", "refused", "retried")
    return item.state == "held" or (item.state == "put off" and item.held)


def _resolve(scenario: Scenario, state: State, item: Item) -> Iterator[Step]:
    made = charges(state, payment(item.id))
    unseen = scenario.lacks(Mutant.NOTHING_UNSEEN)
    if unseen or (not made and _is_over(scenario, state, item)):
        yield _close(scenario, state, item, "refused", "nothing happened")


def _is_over(scenario: Scenario, state: State, item: Item) -> bool:
    waits = not scenario.lacks(Mutant.PERSON_DOES_NOT_WAIT)
    return not (waits and on_its_way(state, payment(item.id)))


def _close(scenario: Scenario, state: State, item: Item, outcome: ItemState, said: str) -> Step:
    label = f"a person resolves {item.id}: {said}"
    if scenario.lacks(Mutant.DECISION_IN_TWO_WRITES):
        return Step(label, journal.close(scenario, state, item, outcome), "person")
    follow = (item.id + "+",)
    after = journal.close_and_follow(scenario, state, item, outcome, follow)
    return Step(label, after, "person")


def _second_write(state: State) -> Iterator[Step]:
    for item in state.journal.items:
        missing = item.id + "+" not in state.journal.created
        if item.state in ("answered", "refused") and missing:
            after = journal.create(state, (item.id + "+",))
            yield Step(f"the second write about {item.id}", after, "person")


def _retry(scenario: Scenario, state: State, item: Item) -> Iterator[Step]:
    if item.id != payment(item.id) or state.journal.cancelled:
        return
    doubt = journal.in_doubt(scenario, state, item)
    known = Item("", "published", sent=True, unsure=True, doubt=doubt)
    if scenario.lacks(Mutant.RETRY_FORGETS):
        known = Item("", "published")
    closed = journal.close(scenario, state, item, "retried")
    same = journal.create(closed, (item.id + "'",), known)
    yield Step(f"a person retries {item.id} with the same key", same, "person")
    unseen = scenario.lacks(Mutant.NEW_KEY_UNSEEN)
    over = _is_over(scenario, state, item) and not charges(state, payment(item.id))
    if unseen or over:
        new = journal.create(closed, (item.id + "*",))
        yield Step(f"a person retries {item.id} with a new key", new, "person")


def _revive(state: State, item: Item) -> Iterator[Step]:
    """REVIVE: a refused call that failed its run is tried again. Its refusal was a proof."""
    if item.id != payment(item.id) or state.journal.cancelled:
        return
    closed = journal.write(state, Item(item.id, "retried"))
    for mark, how in (("'", "the same key"), ("*", "a new key")):
        after = journal.create(closed, (item.id + mark,))
        yield Step(f"a person tries {item.id} again with {how}", after, "person")


def _was_rerun(state: State, item: Item) -> bool:
    """Return whether the execution was tried again once."""
    retried = item.state == "retried" and not is_call(item.id)
    return retried and item.id + "*" not in state.journal.created


def _rerun(state: State, item: Item, mark: str) -> Iterator[Step]:
    """REVIVE: an execution that failed its run is tried again. It made no calls."""
    if item.id != payment(item.id) or state.journal.cancelled:
        return
    after = journal.create(journal.write(state, Item(item.id, "retried")), (item.id + mark,))
    yield Step(f"a person tries {item.id} again", after, "person")


def _claims(scenario: Scenario, state: State) -> Iterator[Step]:
    """CLAIM: a person names the object that a held call made. Create its retrieval."""
    for item in state.journal.items:
        retrieval = item.id + "?"
        if not is_call(item.id) or retrieval in state.journal.created:
            continue
        if _may_be_decided(scenario, item) and item.is_open:
            after = journal.create(state, (retrieval,))
            yield Step(f"a person names the object that {item.id} made", after, "person")


def cancel(scenario: Scenario, state: State) -> State:
    """CANCEL: close the steps that were never begun, or never sent; nothing follows the others."""
    cancelled = state.journal._replace(cancelled=state.journal.steps)
    after = state._replace(journal=cancelled)
    for item in state.journal.items:
        if item.is_open and _never_sent(scenario, state, item):
            after = journal.close(scenario, after, item, "cancelled", silent=True)
    return after


def _never_sent(scenario: Scenario, state: State, item: Item) -> bool:
    if journal.in_doubt(scenario, state, item) and not scenario.lacks(
        Mutant.CANCEL_TRUSTS_ROLLBACK
    ):
        return False
    if item.state == "begun":
        return scenario.lacks(Mutant.CANCEL_CLOSES_BEGUN)
    if item.state == "held" or (is_retrieval(item.id) and item.state != "published"):
        return False
    sent = item.sent and not scenario.lacks(Mutant.CANCEL_CLOSES_SENT)
    return not (is_call(item.id) and sent)
