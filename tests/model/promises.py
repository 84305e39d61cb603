"""The promises that must hold in every state; one of them is that the run ends.

Assumption A5: nobody cancels a run before it has caught up with what a rollback lost. Otherwise a
charge may remain that the journal does not know.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.model.rules import Mutant, Scenario, Step
from tests.model.state import (
    IDLE,
    Item,
    State,
    charges,
    is_call,
    is_retrieval,
    key_row,
    on_its_way,
    payment,
)

WALK = 300
"""Steps within which a run of this size has to end."""


def broken(scenario: Scenario, state: State) -> str:
    """Return the first promise that does not hold in this state; "" if all hold."""
    journal = state.journal
    for paid in sorted({payment(row.name) for row in state.keys}):
        if charges(state, paid) > 1:
            return f"charged twice: {paid}"
    for item in journal.items:
        if said := _follows_wrongly(scenario, state, item) or _untrue(scenario, state, item):
            return said
    for created in dict.fromkeys(journal.created):
        if journal.created.count(created) > 1:
            return f"created twice: {created}"
    if journal.open != sum(item.is_open for item in journal.items):
        return f"the open count is wrong: {journal.open}"
    if journal.held != sum(item.held for item in journal.items):
        return f"the held count is wrong: {journal.held}"
    if journal.cancelled and journal.steps > journal.cancelled:
        return "something was created after the cancel"
    excused = state.journal.cancelled and state.epoch  # assumption A5
    if excused and not scenario.lacks(Mutant.CANCEL_AFTER_ROLLBACK):
        return ""
    if has_ended(state) and (lost := _unknown_charge(state)):
        return f"charged, and the journal does not know: {lost}"
    return ""


def _follows_wrongly(scenario: Scenario, state: State, item: Item) -> str:
    """Check that a closed item has exactly the items that follow from it, and an open one none."""
    created = state.journal.created
    if is_retrieval(item.id):
        return ""
    if item.state == "retried":
        retries = created.count(item.id + "'") + created.count(item.id + "*")
        return "" if retries == 1 else f"{item.id} is retried {retries} times"
    if is_call(item.id):
        expected: tuple[str, ...] = (item.id + "+",)
    else:
        expected = scenario.script[item.id.replace("'", "").replace("*", "")]
    if any(w.doing == "halfway" for w in state.workers):
        return ""  # the mutant is given the time for its second write
    wanted = 0 if item.is_open or item.silent else 1
    for child in expected:
        if (count := created.count(child)) != wanted:
            return f"{item.id} is {item.state}, but {child} was created {count} times"
    return ""


def _untrue(scenario: Scenario, state: State, item: Item) -> str:
    """Check that the journal says of an item what happened."""
    if item.state == "answered" and not charges(state, payment(item.id)):
        return f"{item.id} counts as made, and nothing was charged"
    if item.state == "refused" and charges(state, payment(item.id)):
        return f"{item.id} counts as refused, and it was charged"
    if item.state == "cancelled" and key_row(state, item.id.rstrip("'")).charges:
        return f"{item.id} was closed by the cancel as never sent, and it was charged"
    if item.state == "failed" and scenario.faults - state.faults < scenario.max_begins:
        return f"{item.id} failed after fewer faults than it may be begun"
    return ""


def has_ended(state: State) -> bool:
    """Return whether nothing runs, and all open items are held."""
    return (
        not state.hints
        and all(worker == IDLE for worker in state.workers)
        and all(not item.is_open or item.state == "held" for item in state.journal.items)
    )


def _unknown_charge(state: State) -> str:
    known = {
        payment(item.id)
        for item in state.journal.items
        if item.state != "cancelled" and not is_retrieval(item.id)
    }
    for row in state.keys:
        if row.charges and payment(row.name) not in known and not on_its_way(state, row.name):
            return row.name
    return ""


def next_fair(steps: Iterable[Step]) -> State | None:
    """Return the next step without faults, time or persons; None if there is none.

    Requests in the network arrive first, then workers go on, then a worker sweeps.
    """
    order = {"stripe": 0, "worker": 1, "sweeper": 2}
    fair = [step for step in steps if step.by in order]
    return min(fair, key=lambda step: order[step.by]).after if fair else None
