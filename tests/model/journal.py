"""The atomic writes of the journal. Each function here is one write, done whole or not at all.

The names are those of the product's scripts: BEGIN, CLOSE, DEFER, HOLD, SWEEP. A token is modelled by
what it decides: whether a worker's lease is still the item's. The server's run id (`epoch`) is the one
at the moment of the write, not one that a client remembers. Not modelled: budgets, slots, the marks
and probes by which a sweeper finds lost hints, and the times of leases (any may end at any moment).
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from tests.model.rules import Mutant, Scenario
from tests.model.state import Item, ItemState, Journal, State, age, find, is_call

Begun: TypeAlias = Literal["begun", "too often", "closed", "early", "busy", "held", "too old"]


def put(journal: Journal, item: Item) -> Journal:
    others = [other for other in journal.items if other.id != item.id]
    return journal._replace(items=tuple(sorted([*others, item])))


def write(state: State, item: Item) -> State:
    return state._replace(journal=put(state.journal, item))


def create(state: State, items: tuple[str, ...], like: Item | None = None) -> State:
    """Items that follow; `like` has what they inherit."""
    journal = state.journal
    for item in items:
        born = like or Item(item, "published")
        journal = put(journal, born._replace(id=item, state="published", epoch=state.epoch))
    created = tuple(sorted([*journal.created, *items]))
    return state._replace(journal=journal._replace(created=created, open=journal.open + len(items)))


def close(
    scenario: Scenario, state: State, item: Item, outcome: ItemState, *, silent: bool = False
) -> State:
    """An item is closed, and nothing else."""
    journal = put(state.journal, Item(item.id, outcome, silent=silent))
    held = journal.held - (item.held and not scenario.lacks(Mutant.HELD_MISCOUNTED))
    return state._replace(journal=journal._replace(open=journal.open - 1, held=held))


def close_and_follow(
    scenario: Scenario, state: State, item: Item, outcome: ItemState, follow: tuple[str, ...]
) -> State:
    """CLOSE: an item is done and these follow; nothing follows in a run that was cancelled."""
    if state.journal.cancelled and not scenario.lacks(Mutant.CANCEL_FORGOTTEN):
        return close(scenario, state, item, outcome, silent=True)
    if outcome == "refused" and not scenario.error_flow:
        return close(scenario, state, item, outcome, silent=True)  # it fails the run
    # Whatever existed before a rollback may have been done then, and so may all that follows.
    doubt = in_doubt(scenario, state, item) and not scenario.lacks(Mutant.DOUBT_NOT_INHERITED)
    after = create(
        close(scenario, state, item, outcome), follow, Item("", "published", doubt=doubt)
    )
    if scenario.lacks(Mutant.OPEN_MISCOUNTED) and is_call(item.id):
        after = after._replace(journal=after.journal._replace(open=after.journal.open - 1))
    return after


def in_doubt(scenario: Scenario, state: State, item: Item) -> bool:
    """Whether it may have been done before, in what a rollback has lost."""
    if scenario.lacks(Mutant.NO_EPOCH):
        return False
    return item.doubt or item.epoch != state.epoch


def strip(state: State, item: str) -> State:
    """The item has a new token, or none: nobody's lease on it holds any more."""
    workers = [w._replace(lease=False) if w.item == item and w.lease else w for w in state.workers]
    return state._replace(workers=tuple(sorted(workers)))


def begin(scenario: Scenario, state: State, item_id: str, key: str) -> tuple[Begun, State]:
    """BEGIN: take the item, unless it is closed, busy, put off or held. Old calls become held."""
    item = find(state.journal, item_id)
    if item is None or not item.is_open:
        return "closed", state
    if item.state == "put off":
        return "early", state
    if item.state == "held":
        return "held", state
    if item.state == "begun":
        if scenario.max_begins and scenario.lacks(Mutant.DROPPED_HINT_COUNTS):
            return "busy", write(state, item._replace(begins=item.begins + 1))
        return "busy", state
    doubt = in_doubt(scenario, state, item)
    if not is_call(item_id):
        begins = item.begins + 1 if scenario.max_begins else 0
        item = item._replace(state="begun", begins=begins, doubt=doubt, epoch=state.epoch)
        state = strip(write(state, item), item_id)
        return "too often" if begins > scenario.max_begins else "begun", state
    dated = item.sent or (doubt and not scenario.lacks(Mutant.DOUBT_HAS_NO_AGE))
    if dated and age(state, key) and not scenario.lacks(Mutant.NO_23_HOURS):
        return "too old", hold(state, item)
    item = item._replace(state="begun", sent=True, doubt=doubt, epoch=state.epoch)
    return "begun", strip(write(state, item), item_id)


def refusal_counts(scenario: Scenario, state: State, item: Item) -> bool:
    """Whether a refusal that Stripe does not save proves that no money moved."""
    if scenario.lacks(Mutant.REFUSAL_CLOSES):
        return True
    changed = item.epoch != state.epoch and not (
        scenario.lacks(Mutant.EPOCH_AT_BEGIN_ONLY) or scenario.lacks(Mutant.NO_EPOCH)
    )
    return not (item.unsure or item.doubt or changed)


def defer(
    scenario: Scenario,
    state: State,
    item: Item,
    *,
    unsure: bool,
    burns: bool,
    unsent: bool = False,
) -> State:
    """DEFER: ask again later.

    `unsent`: this attempt provably executed nothing, so if none before left a doubt, the call has not
    been sent.
    Where persons decide, each attempt that burns is taken for the last of many, from which on the
    call counts as held.
    """
    counts = scenario.people and burns and not item.held
    reopened = not item.is_open  # only in a mutant
    forgets = scenario.lacks(Mutant.LIMIT_FORGETS)
    sent = item.sent and not (unsent and (forgets or not (item.unsure or item.doubt)))
    doubt = item.unsure and not (unsent and scenario.lacks(Mutant.LIMIT_CLEARS_DOUBT))
    after = item._replace(
        state="put off", sent=sent, unsure=doubt or unsure, held=item.held or counts, silent=False
    )
    journal = put(state.journal, after)
    journal = journal._replace(open=journal.open + reopened, held=journal.held + counts)
    return strip(state._replace(journal=journal), item.id)


def hold(state: State, item: Item) -> State:
    """HOLD: set the call aside; it is not sent again by itself."""
    journal = put(state.journal, item._replace(state="held", unsure=True, held=True))
    held = journal.held + (not item.held)
    return strip(state._replace(journal=journal._replace(held=held)), item.id)


def sweep(scenario: Scenario, state: State, item: Item) -> State:
    """SWEEP, of one item: it is published again, and whoever held it no longer does."""
    if scenario.lacks(Mutant.SWEEP_KEEPS_LEASE):
        return state
    unsure = item.unsure or (item.state == "begun" and is_call(item.id))
    return strip(write(state, item._replace(state="published", unsure=unsure)), item.id)
