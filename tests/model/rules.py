"""Scenarios, and mutants: each mutant is the protocol without one rule.

A rule without a mutant may be superfluous, and a mutant that is not caught shows a blind checker. So
every rule has a mutant here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, TypeAlias

from tests.model.state import State

Script: TypeAlias = dict[str, tuple[str, ...]]
"""The calls that each execution makes."""

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
    DOUBT_NOT_INHERITED = "items that follow one from before the rollback are not in doubt"
    DOUBT_HAS_NO_AGE = "a doubtful call that was never sent counts as young"
    # the limit of begins
    DROPPED_HINT_COUNTS = "a hint that finds its item busy counts as a begin"
    LIMIT_LEAVES_BEGUN = "an execution begun too often is left as it is"
    # persons
    DECISION_UNCHECKED = "a decision does not look whether the call is open"
    DECISION_IN_TWO_WRITES = "a decision closes the call, and creates what follows later"
    CLAIM_UNCOMPARED = "an object that a person names settles the call without being compared"
    CLAIM_SETTLES_CLOSED = "a claim settles without looking whether the call is still held"
    REFUSED_CLAIM_CLOSES = "a claim that is refused closes the call"
    REVIVE_UNCHECKED = "a step that failed is tried again twice"
    NOTHING_UNSEEN = "a person says that nothing happened without looking at Stripe"
    NEW_KEY_UNSEEN = "a person retries with a new key without looking at Stripe"
    RETRY_FORGETS = "a retry with the same key forgets that the call was sent"
    HELD_MISCOUNTED = "a closed call still counts as held"
    CANCEL_CLOSES_BEGUN = "a cancel closes what was begun"
    CANCEL_CLOSES_SENT = "a cancel closes what was put off after it was sent"
    CANCEL_TRUSTS_ROLLBACK = "a cancel trusts a journal that was rolled back"
    CANCEL_FORGOTTEN = "steps follow from what was begun before the cancel"
    REVOKE_UNCHECKED = "a revoked hint puts off a step that has begun"
    # assumptions about the world; without each, a promise breaks
    PERSON_DOES_NOT_WAIT = "a person says that nothing happened while a request is on its way"
    DECISION_ROLLS_BACK = "the journal loses a person's decision"
    CANCEL_AFTER_ROLLBACK = "a run is cancelled before it caught up with what a rollback lost"
    START_AGAIN = "a lost start is repeated, and Stripe refuses"


@dataclass(frozen=True)
class Scenario:
    """One configuration to explore.

    `faults`: how many faults may happen. `keys_age`: a key may turn 23 h old, then be forgotten by
    Stripe. `rolls_back`: the journal may lose its last writes, once. `declines`: Stripe may decline.
    `people`: persons decide; a call that was put off counts as held. `cancels`: a person may cancel.
    `revokes`: a person may revoke hints in Celery. `max_begins`: how often an execution may be begun; 0
    is no limit. `crashes`: workers die and hints are lost; without, the scenario is smaller.
    `error_flow`: a refused call continues in an error flow; without, it fails the run, and a person may
    try it again.
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
    revokes: bool = False
    max_begins: int = 0
    crashes: bool = True
    error_flow: bool = True
    mutant: Mutant | None = None

    def lacks(self, rule: Mutant) -> bool:
        """Return whether the protocol is explored without this rule."""
        return self.mutant is rule


class Step(NamedTuple):
    """One step that may happen next."""

    label: str
    after: State
    by: str = "worker"
    """worker, sweeper, stripe, person, time or fault."""
