"""The atomic writes of the journal. Each function here is one write, done whole or not at all.

The names are those of the product's scripts: BEGIN, CLOSE, DEFER, HOLD, SWEEP, RESOLVE, REVOKE (DECIDE,
REVIVE, CLAIM and CANCEL are in people.py). LAPSE is an early SWEEP of a begun item. A worker's token is
only whether its lease is still the item's. The server's run id (`epoch`) is the one at the moment of
the write, not one that a client remembers. Not modelled: budgets, the limits of Stripe, the marks and
probes by which a sweeper finds lost hints, and the times of leases (any may end at any moment).
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
    """Create items. `like` has what they inherit."""
    journal = state.journal
    for item in items:
        born = like or Item(item, "published")
        journal = put(journal, born._replace(id=item, state="published", epoch=state.epoch))
    created = tuple(sorted([*journal.created, *items]))
    return state._replace(journal=journal._replace(created=created, open=journal.open + len(items)))


def close(
    scenario: Scenario, state: State, item: Item, outcome: ItemState, *, silent: bool = False
) -> State:
    """Close an item, and do nothing else."""
    journal = put(state.journal, Item(item.id, outcome, silent=silent))
    held = journal.held - (item.held and not scenario.lacks(Mutant.HELD_MISCOUNTED))
    return state._replace(journal=journal._replace(open=journal.open - 1, held=held))


def close_and_follow(
    scenario: Scenario, state: State, item: Item, outcome: ItemState, follow: tuple[str, ...]
) -> State:
    """CLOSE: end an item and create those that follow; none in a cancelled run."""
    if state.journal.cancelled and not scenario.lacks(Mutant.CANCEL_FORGOTTEN):
        return close(scenario, state, item, outcome, silent=True)
    if outcome == "refused" and not scenario.error_flow:
        return close(scenario, state, item, outcome, silent=True)  # it fails the run
    # An item from before a rollback may have been done then, and so may all that follows from it.
    doubt = in_doubt(scenario, state, item) and not scenario.lacks(Mutant.DOUBT_NOT_INHERITED)
    after = create(
        close(scenario, state, item, outcome), follow, Item("", "published", doubt=doubt)
    )
    if scenario.lacks(Mutant.OPEN_MISCOUNTED) and is_call(item.id):
        after = after._replace(journal=after.journal._replace(open=after.journal.open - 1))
    return after


def in_doubt(scenario: Scenario, state: State, item: Item) -> bool:
    """Return whether a rollback may have lost that the item was done."""
    if scenario.lacks(Mutant.NO_EPOCH):
        return False
    return item.doubt or item.epoch != state.epoch


def strip(state: State, item: str) -> State:
    """Change the item's token, so that no worker's lease on it counts any more."""
    workers = [w._replace(lease=False) if w.item == item and w.lease else w for w in state.workers]
    return state._replace(workers=tuple(sorted(workers)))


def begin(scenario: Scenario, state: State, item_id: str, key: str) -> tuple[Begun, State]:
    """BEGIN: lease the item, unless it is closed, busy, put off or held. Hold calls with an old key."""
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
    """Return whether a refusal that Stripe does not save proves that no money moved."""
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
    counts: bool,
    unsent: bool = False,
) -> State:
    """DEFER: put the item off.

    `unsent`: this attempt provably executed nothing, so the call counts as not sent, unless an earlier
    attempt left a doubt. `counts`: it counts as an attempt; where persons decide, each such attempt
    stands for the last of many, and the call counts as held from then on.
    """
    newly_held = scenario.people and counts and not item.held
    reopened = not item.is_open  # only in a mutant
    forgets = scenario.lacks(Mutant.LIMIT_FORGETS)
    sent = item.sent and not (unsent and (forgets or not (item.unsure or item.doubt)))
    doubt = item.unsure and not (unsent and scenario.lacks(Mutant.LIMIT_CLEARS_DOUBT))
    after = item._replace(
        state="put off",
        sent=sent,
        unsure=doubt or unsure,
        held=item.held or newly_held,
        silent=False,
    )
    journal = put(state.journal, after)
    journal = journal._replace(open=journal.open + reopened, held=journal.held + newly_held)
    return strip(state._replace(journal=journal), item.id)


def hold(state: State, item: Item) -> State:
    """HOLD: stop sending the call."""
    journal = put(state.journal, item._replace(state="held", unsure=True, held=True))
    held = journal.held + (not item.held)
    return strip(state._replace(journal=journal._replace(held=held)), item.id)


def sweep(scenario: Scenario, state: State, item: Item) -> State:
    """SWEEP, of one item: publish it again, and end the lease on it."""
    if scenario.lacks(Mutant.SWEEP_KEEPS_LEASE):
        return state
    unsure = item.unsure or (item.state == "begun" and is_call(item.id))
    return strip(write(state, item._replace(state="published", unsure=unsure)), item.id)


def resolve(scenario: Scenario, state: State, retrieval: Item, call: Item) -> State:
    """RESOLVE: the retrieved object is the call's. Close both, and create the call's continuation."""
    after = close(scenario, state, retrieval, "compared", silent=True)
    return close_and_follow(scenario, after, call, "answered", (call.id + "+",))


def refuse_claim(scenario: Scenario, state: State, retrieval: Item, call: Item) -> State:
    """CLOSE of a retrieval whose object does not fit: the call stays as it is."""
    after = close(scenario, state, retrieval, "compared", silent=True)
    if scenario.lacks(Mutant.REFUSED_CLAIM_CLOSES) and call.is_open:
        after = close(scenario, after, call, "refused", silent=True)
    return after


def revoke(scenario: Scenario, state: State, item: Item | None) -> State:
    """REVOKE: put off an item whose hint was revoked before it began."""
    unchecked = scenario.lacks(Mutant.REVOKE_UNCHECKED)
    if item is None or not (item.state == "published" or (unchecked and item.state == "begun")):
        return state
    return write(state, item._replace(state="put off"))
