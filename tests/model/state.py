"""A state of the model: one run's journal, hints, workers, Stripe's memory of keys, and time.

A state consists of immutable tuples, since it is a key of the explored set. Tuples without an order of
their own (hints, workers, requests) are sorted, so that states that differ only by a renaming of
workers are equal. Not modelled: payloads, seals, queues, several runs, rates and budgets of calls.

Ids are short: `main` is the root execution; `a` a call; `a+` its continuation; `a'` a person's retry
of it with the same key, `a*` with a new one; `a?` the retrieval of the object that a person named.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

ItemState: TypeAlias = Literal[
    # open
    "published",
    "begun",
    "put off",
    "held",
    # closed
    "done",  # an execution, with its calls
    "failed",  # an execution, begun too often
    "answered",  # a call, with success
    "refused",  # a call for which no money moved
    "retried",  # a call, or an execution that failed, by a person
    "cancelled",  # closed by a cancel before it was begun
    "compared",  # a retrieval, whatever it showed
]
OPEN: frozenset[str] = frozenset({"published", "begun", "put off", "held"})


class Item(NamedTuple):
    """One item. Only open calls have the fields up to `held`; a closed item keeps none of them."""

    id: str
    state: ItemState
    sent: bool = False
    """The journal knows when it was first sent."""
    unsure: bool = False
    """An earlier attempt may have been executed."""
    held: bool = False
    """Counts as held, though it may be sent again."""
    begins: int = 0
    """Number of BEGINs; counted only for executions, if there is a limit."""
    epoch: int = 0
    """The server under which it was created or last begun."""
    doubt: bool = False
    """It may have been done before, in a part of the journal that a rollback has lost."""
    silent: bool = False
    """Closed, and nothing follows."""

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class Journal(NamedTuple):
    """The part of a state that a rollback resets."""

    items: tuple[Item, ...]
    created: tuple[str, ...]
    """The id of every item that was ever created, once for each time."""
    open: int
    held: int = 0
    cancelled: int = 0
    """0, or how many steps had been created when the run was cancelled."""

    @property
    def steps(self) -> int:
        """Number of items that were ever created, without retrievals, which may follow a cancel."""
        return sum(not is_retrieval(item) for item in self.created)


class Worker(NamedTuple):
    """A worker between two steps."""

    doing: Literal["idle", "got", "running", "waiting", "halfway", "publishing"] = "idle"
    item: str = ""
    """The item of its hint, which may come back if the worker dies."""
    lease: bool = False
    """Its token is the item's."""
    old_lease: bool = False
    """Its token was the item's when the journal last reached the disk."""
    phase: str = ""
    """A request is `travelling` or `executing`, a retrieval is `fetching`; or its result."""
    key: str = ""
    hints: tuple[str, ...] = ()


class Key(NamedTuple):
    """Stripe's row of one idempotency key."""

    name: str
    charges: int = 0
    saved: str = ""
    executing: bool = False


class Request(NamedTuple):
    """A request whose client is gone."""

    key: str
    phase: str


class Age(NamedTuple):
    """The age of a key, once it matters."""

    key: str
    since: Literal["23 h", "forgotten"]


class State(NamedTuple):
    """Everything, at one moment."""

    journal: Journal
    faults: int
    """Number of faults that may still happen."""
    workers: tuple[Worker, ...]
    hints: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    stray: tuple[Request, ...] = ()
    ages: tuple[Age, ...] = ()
    on_disk: Journal | None = None
    """The journal that a rollback restores."""
    epoch: int = 0
    """The server's run id: it changes with a rollback."""
    commits: int = 0
    """Only for the mutant whose ids are drawn."""


IDLE = Worker()
ON_ITS_WAY = ("travelling", "executing")


def is_retrieval(item: str) -> bool:
    return item.endswith("?")


def is_call(item: str) -> bool:
    """Return whether the item is a call that charges; a retrieval changes nothing, so it is not one."""
    return item.rstrip("'*") != "main" and not item.rstrip("'*").endswith(("+", "?"))


def payment(item_or_key: str) -> str:
    """The intended payment that an item or a key is about: `a` for `a`, `a'`, `a*`, `a?` and `a#1`."""
    return item_or_key.split("#")[0].rstrip("+'*?")


def find(journal: Journal, item: str) -> Item | None:
    for found in journal.items:
        if found.id == item:
            return found
    return None


def key_row(state: State, key: str) -> Key:
    for row in state.keys:
        if row.name == key:
            return row
    return Key(key)


def age(state: State, key: str) -> str:
    for row in state.ages:
        if row.key == key:
            return row.since
    return ""


def charges(state: State, paid: str) -> int:
    """Return how often a payment was made, under any key."""
    return sum(row.charges for row in state.keys if payment(row.name) == paid)


def on_its_way(state: State, paid: str) -> bool:
    """Return whether a request for the payment is in the network, in Stripe or at a worker."""
    return (
        any(payment(request.key) == paid for request in state.stray)
        or any(w.phase in ON_ITS_WAY and payment(w.key) == paid for w in state.workers)
        or any(row.executing and payment(row.name) == paid for row in state.keys)
    )


def with_key(state: State, row: Key) -> State:
    others = [other for other in state.keys if other.name != row.name]
    return state._replace(keys=tuple(sorted([*others, row])))


def leave(state: State, worker: Worker) -> State:
    """Remove one such worker, while it acts."""
    workers = list(state.workers)
    workers.remove(worker)
    return state._replace(workers=tuple(workers))


def join(state: State, worker: Worker) -> State:
    return state._replace(workers=tuple(sorted([*state.workers, worker])))


def without_hint(state: State, hint: str) -> State:
    hints = list(state.hints)
    hints.remove(hint)
    return state._replace(hints=tuple(hints))


def with_hint(state: State, hint: str) -> State:
    """Add a hint to the broker; a third one of the same item would show nothing new."""
    if state.hints.count(hint) > 1:
        return state
    return state._replace(hints=tuple(sorted([*state.hints, hint])))
