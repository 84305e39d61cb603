"""What there is in the model: one run's journal, hints, workers, Stripe's memory of keys, and time.

Modelled as immutable tuples, since a state is a key of the explored set. Whatever has no order
(hints, workers, requests) is kept sorted, so that states differing only by a renaming of workers
are one. Not modelled: payloads, seals, queues, several runs, rates and budgets of calls.

Ids are short: `main` is the root execution; `a` a call; `a+` its continuation; `a'` a person's retry
of it with the same key, `a*` with a new one.
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
    "retried",  # a call, by a person
    "cancelled",  # closed by a cancel before it was begun
]
OPEN: frozenset[str] = frozenset({"published", "begun", "put off", "held"})


class Item(NamedTuple):
    """One item. The fields up to `held` are of open calls; what is closed keeps none of them."""

    id: str
    state: ItemState
    sent: bool = False
    """The journal knows when it was first sent."""
    unsure: bool = False
    """An earlier attempt may have been executed."""
    held: bool = False
    """Counts as held, though it may still be asked for."""
    begins: int = 0
    """How often it was begun; counted only for executions, where there is a limit."""
    epoch: int = 0
    """The server under which it was created or last begun."""
    doubt: bool = False
    """It may have been done before, in what a rollback has lost."""
    silent: bool = False
    """Closed, and nothing follows."""

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class Journal(NamedTuple):
    """What a rollback takes back."""

    items: tuple[Item, ...]
    created: tuple[str, ...]
    """The id of every item that was ever created, once for each time."""
    open: int
    held: int = 0
    cancelled: int = 0
    """0, or how many items had been created when the run was cancelled."""


class Worker(NamedTuple):
    """A worker between two steps."""

    doing: Literal["idle", "got", "running", "waiting", "halfway", "publishing"] = "idle"
    item: str = ""
    """The item of the hint it took, which may come back if it dies."""
    lease: bool = False
    """Its token is the item's."""
    old_lease: bool = False
    """Its token was the item's when the journal last reached the disk."""
    phase: str = ""
    """Of a request: `travelling`, `executing`, or what came of it."""
    key: str = ""
    hints: tuple[str, ...] = ()


class Key(NamedTuple):
    """What Stripe knows of one idempotency key."""

    name: str
    charges: int = 0
    saved: str = ""
    executing: bool = False


class Request(NamedTuple):
    """A request whose client is gone."""

    key: str
    phase: str


class Age(NamedTuple):
    """How old a key is."""

    key: str
    since: Literal["23 h", "forgotten"]


class State(NamedTuple):
    """All of it, at one moment."""

    journal: Journal
    faults: int
    """How many faults may still happen."""
    workers: tuple[Worker, ...]
    hints: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    stray: tuple[Request, ...] = ()
    ages: tuple[Age, ...] = ()
    on_disk: Journal | None = None
    """What a rollback would go back to."""
    epoch: int = 0
    """The server's run id: it changes with a rollback."""
    commits: int = 0
    """Only for the mutant whose ids are drawn."""


IDLE = Worker()
ON_ITS_WAY = ("travelling", "executing")


def is_call(item: str) -> bool:
    return item != "main" and not item.endswith("+")


def payment(item_or_key: str) -> str:
    """The intended payment that an item or a key is about: `a` for `a`, `a'`, `a*` and `a#1`."""
    return item_or_key.split("#")[0].rstrip("+'*")


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
    """How often a payment was made, under whatever key."""
    return sum(row.charges for row in state.keys if payment(row.name) == paid)


def on_its_way(state: State, paid: str) -> bool:
    """Whether a request for the payment is in the network, in Stripe or in a worker's hands."""
    return (
        any(payment(request.key) == paid for request in state.stray)
        or any(w.phase in ON_ITS_WAY and payment(w.key) == paid for w in state.workers)
        or any(row.executing and payment(row.name) == paid for row in state.keys)
    )


def with_key(state: State, row: Key) -> State:
    others = [other for other in state.keys if other.name != row.name]
    return state._replace(keys=tuple(sorted([*others, row])))


def leave(state: State, worker: Worker) -> State:
    """Takes one such worker out, while it acts."""
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
    """One more hint in the broker; more than two of one item would show nothing new."""
    if state.hints.count(hint) > 1:
        return state
    return state._replace(hints=tuple(sorted([*state.hints, hint])))
