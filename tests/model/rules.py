"""A scenario, and the mutants: each is one rule of the protocol left out.

A rule that no mutant needs may be superfluous; a mutant that is not caught would mean that the
checker cannot see. So every rule is written beside the mutant that drops it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, TypeAlias

from tests.model.state import State

Script: TypeAlias = dict[str, tuple[str, ...]]
"""Which calls each execution makes."""

ONE: Script = {"main": ("a",), "a+": ()}
CHAIN: Script = {"main": ("a",), "a+": ("b",), "b+": ()}
FAN: Script = {"main": ("a", "b"), "a+": (), "b+": ()}


class Mutant(Enum):
    """A rule of the protocol that is left out."""

    NO_SWEEPER = "nobody sweeps"
    TWO_WRITES = "done and its calls in two writes"
    SWEEP_KEEPS_LEASE = "a sweep that leaves the lease in place"
    COMMIT_UNCHECKED = "a commit that does not look whether it is done"
    ANSWER_UNCHECKED = "an answer that does not look whether the call is closed"
    DEFER_UNCHECKED = "a worker without the lease may put off"
    REFUSAL_CLOSES = "a refusal closes the call, whatever came before"
    KEY_PER_ATTEMPT = "a new key for every attempt"
    UNKNOWN_IS_ERROR = "an unknown outcome runs the error flow"
    LIMIT_FORGETS = "a 429 clears the first sending, whatever came before"
    LIMIT_CLEARS_DOUBT = "a 429 clears the doubt that an earlier attempt left"
    NO_23_HOURS = "no limit of 23 hours"
    OPEN_MISCOUNTED = "a continuation is not counted as open"
    # a journal that rolls back
    DRAWN_IDS = "ids are drawn, not derived"
    NO_EPOCH = "nobody notices the rollback"
    EPOCH_AT_BEGIN_ONLY = "a refusal looks at the server only when the call is begun"
    DOUBT_NOT_INHERITED = "what follows an item of before the rollback is trusted"
    DOUBT_HAS_NO_AGE = "a doubtful call that was never sent counts as young"
    # the limit of begins
    DROPPED_HINT_COUNTS = "a hint that finds its item busy counts as a begin"
    LIMIT_LEAVES_BEGUN = "an execution begun too often is left as it is"
    # persons
    DECISION_UNCHECKED = "a decision does not look whether the call is open"
    DECISION_IN_TWO_WRITES = "a decision closes the call, and creates what follows later"
    MADE_UNSEEN = "a person's word that it was made is taken without looking at Stripe"
    NOTHING_UNSEEN = "a person says that nothing happened without looking at Stripe"
    NEW_KEY_UNSEEN = "a retry takes a new key without a word"
    RETRY_FORGETS = "a retry with the same key forgets that the call was sent"
    HELD_MISCOUNTED = "a closed call still counts as held"
    CANCEL_CLOSES_BEGUN = "a cancel closes what was begun"
    CANCEL_CLOSES_SENT = "a cancel closes what was put off after it was sent"
    CANCEL_TRUSTS_ROLLBACK = "a cancel takes a rolled back journal's word"
    CANCEL_FORGOTTEN = "what was begun before the cancel goes on as if nothing were"
    # assumptions about the world, each without which a promise breaks
    PERSON_DOES_NOT_WAIT = "a person says that nothing happened while a request is on its way"
    DECISION_ROLLS_BACK = "the journal loses a person's decision"
    CANCEL_AFTER_ROLLBACK = "a run is cancelled before it caught up with what a rollback lost"
    START_AGAIN = "a lost start is repeated, and Stripe refuses"


@dataclass(frozen=True)
class Scenario:
    """One configuration to explore.

    `keys_age`: a key may turn 23 h old, then be forgotten by Stripe. `rolls_back`: the journal may
    lose its last writes, once. `declines`: Stripe may decline. `people`: a call that was put off
    counts as held, and persons decide. `cancels`: a person may cancel. `max_begins`: so often may an
    execution be begun; 0 is no limit. `crashes`: workers die and hints are lost; without, the scenario
    is smaller. `error_flow`: a refused call continues in an error flow; without, it fails the run, and
    a person may try it again.
    """

    name: str
    script: Script = field(default_factory=lambda: ONE)
    faults: int = 2
    workers: int = 2
    keys_age: bool = False
    rolls_back: bool = False
    declines: bool = False
    people: bool = False
    cancels: bool = False
    max_begins: int = 0
    crashes: bool = True
    error_flow: bool = True
    mutant: Mutant | None = None

    def lacks(self, rule: Mutant) -> bool:
        """Whether the protocol is explored without this rule."""
        return self.mutant is rule


class Step(NamedTuple):
    """One thing that may happen next."""

    label: str
    after: State
    by: str = "worker"
    """worker, sweeper, stripe, person, time or fault."""
