"""The scenarios to explore, the mutants that must break, and the assumptions that are needed."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from tests.model.rules import CHAIN, FAN, Mutant, Scenario

QUICK: tuple[Scenario, ...] = (
    Scenario("one call, 3 faults", faults=3),
    Scenario("one call, declines, 2 faults", declines=True),
    Scenario("one call, 3 workers, 1 fault", workers=3, faults=1),
    Scenario("a chain of two calls, 1 fault", CHAIN, faults=1),
    Scenario("two calls at once, 1 fault", FAN, faults=1),
    Scenario("keys age, 2 faults", keys_age=True),
    Scenario("the journal rolls back, 2 faults", rolls_back=True),
    Scenario("a chain, the journal rolls back, 1 fault", CHAIN, faults=1, rolls_back=True),
    Scenario(
        "keys age and the journal rolls back, 1 fault", faults=1, keys_age=True, rolls_back=True
    ),
    Scenario("an execution begun at most twice, 2 faults", max_begins=2),
    Scenario("an execution begun at most three times, 2 faults", max_begins=3),
    Scenario("persons decide, 2 faults", people=True),
    Scenario("persons decide, keys age, 1 fault", people=True, keys_age=True, faults=1),
    Scenario("no error flow, persons decide, 1 fault", people=True, error_flow=False, faults=1),
    Scenario("a failed execution is tried again, 1 fault", people=True, max_begins=1, faults=1),
    Scenario("hints are revoked, 2 faults", revokes=True),
    Scenario("a person cancels, 2 faults", cancels=True),
    Scenario("a person cancels a chain, 1 fault", CHAIN, cancels=True, faults=1),
    Scenario("persons decide and cancel, 1 fault", people=True, cancels=True, faults=1),
    Scenario("a cancel, the journal rolls back, 1 fault", cancels=True, rolls_back=True, faults=1),
)
"""Small enough for every run of the tests."""

FULL: tuple[Scenario, ...] = (
    Scenario("one call, declines, 3 faults", declines=True, faults=3),
    Scenario("one call, 3 workers, 2 faults", workers=3),
    Scenario("a chain of two calls, 2 faults", CHAIN),
    Scenario("two calls at once, 2 faults", FAN),
    Scenario("keys age and the journal rolls back, 2 faults", keys_age=True, rolls_back=True),
    Scenario("persons decide, declines, 2 faults", people=True, declines=True),
    Scenario("persons decide, keys age, 2 faults", people=True, keys_age=True),
    Scenario("persons decide, the journal rolls back, 2 faults", people=True, rolls_back=True),
    Scenario(
        "no error flow, persons decide, the journal rolls back, 2 faults",
        people=True,
        error_flow=False,
        rolls_back=True,
    ),
    Scenario("no error flow, persons decide, 2 faults", people=True, error_flow=False),
    Scenario("a failed execution is tried again, 2 faults", people=True, max_begins=1),
    Scenario("persons decide and cancel, 2 faults", people=True, cancels=True),
    Scenario("hints are revoked in a chain, 2 faults", CHAIN, revokes=True),
    Scenario("a person cancels two calls at once, 1 fault", FAN, cancels=True, faults=1),
    Scenario("a cancel, the journal rolls back, 2 faults", cancels=True, rolls_back=True),
)
"""The further scenarios that `python -m tests.model` explores."""


class Counterexample(NamedTuple):
    """A scenario without one rule, and the promise that breaks first."""

    scenario: Scenario
    breaks: str


def _without(rule: Mutant, scenario: Scenario, breaks: str) -> Counterexample:
    return Counterexample(replace(scenario, name=rule.value, mutant=rule), breaks)


_PLAIN = Scenario("")
_THREE = Scenario("", faults=3)
_AGEING = Scenario("", keys_age=True)
_ROLLBACK = Scenario("", rolls_back=True, workers=1)
_SLOW = Scenario("", rolls_back=True, faults=3, crashes=False)
_ROLLBACK_AGEING = Scenario("", rolls_back=True, workers=1, keys_age=True, faults=1)
_ROLLBACK_PEOPLE = Scenario("", rolls_back=True, workers=1, people=True, crashes=False)
_ROLLBACK_CANCEL = Scenario("", rolls_back=True, workers=1, cancels=True)
_LIMIT = Scenario("", max_begins=3)
_LOW_LIMIT = Scenario("", max_begins=1)
_PEOPLE = Scenario("", people=True)
_RERUN = Scenario("", people=True, max_begins=1)
_REVOKE = Scenario("", revokes=True)
_CANCEL = Scenario("", cancels=True)

_TWICE = "charged twice: a"
_NOT_REFUSED = "a counts as refused, and it was charged"
_STUCK = "the run never ends"
_NOT_UNSENT = "a was closed by the cancel as never sent, and it was charged"

MUTANTS: tuple[Counterexample, ...] = (
    _without(Mutant.NO_SWEEPER, _PLAIN, _STUCK),
    _without(Mutant.TWO_WRITES, _PLAIN, "main is done, but a was created 0 times"),
    _without(Mutant.SWEEP_KEEPS_LEASE, _PLAIN, _STUCK),
    _without(Mutant.COMMIT_UNCHECKED, _PLAIN, "main is done, but a was created 2 times"),
    _without(Mutant.ANSWER_UNCHECKED, _THREE, "a is answered, but a+ was created 2 times"),
    _without(Mutant.DEFER_UNCHECKED, _THREE, "a is put off, but a+ was created 1 times"),
    _without(Mutant.REFUSAL_CLOSES, _PLAIN, _NOT_REFUSED),
    _without(Mutant.KEY_PER_ATTEMPT, _PLAIN, _TWICE),
    _without(Mutant.UNKNOWN_IS_ERROR, _PLAIN, _NOT_REFUSED),
    _without(Mutant.LIMIT_FORGETS, _AGEING, _TWICE),
    _without(Mutant.LIMIT_CLEARS_DOUBT, _THREE, _NOT_REFUSED),
    _without(Mutant.NO_23_HOURS, _AGEING, _TWICE),
    _without(Mutant.OPEN_MISCOUNTED, _PLAIN, "the open count is wrong: 0"),
    _without(Mutant.DRAWN_IDS, _ROLLBACK, _TWICE),
    _without(Mutant.NO_EPOCH, _ROLLBACK, _NOT_REFUSED),
    _without(Mutant.EPOCH_AT_BEGIN_ONLY, _SLOW, _NOT_REFUSED),
    _without(Mutant.DOUBT_NOT_INHERITED, _ROLLBACK, _NOT_REFUSED),
    _without(Mutant.DOUBT_HAS_NO_AGE, _ROLLBACK_AGEING, _TWICE),
    _without(Mutant.DROPPED_HINT_COUNTS, _LIMIT, "main failed after fewer faults"),
    _without(Mutant.LIMIT_LEAVES_BEGUN, _LOW_LIMIT, _STUCK),
    _without(Mutant.DECISION_UNCHECKED, _PEOPLE, "a is refused, but a+ was created 2 times"),
    _without(Mutant.DECISION_IN_TWO_WRITES, _PEOPLE, "a is refused, but a+ was created 0 times"),
    _without(Mutant.CLAIM_UNCOMPARED, _PEOPLE, "a counts as made, and nothing was charged"),
    _without(Mutant.CLAIM_SETTLES_CLOSED, _PEOPLE, "the open count is wrong: 1"),
    _without(Mutant.REFUSED_CLAIM_CLOSES, _PEOPLE, _NOT_REFUSED),
    _without(Mutant.REVIVE_UNCHECKED, _RERUN, "main is retried 2 times"),
    _without(Mutant.NOTHING_UNSEEN, _PEOPLE, _NOT_REFUSED),
    _without(Mutant.NEW_KEY_UNSEEN, _PEOPLE, _TWICE),
    _without(Mutant.RETRY_FORGETS, _PEOPLE, "a' counts as refused, and it was charged"),
    _without(Mutant.HELD_MISCOUNTED, _PEOPLE, "the held count is wrong: 1"),
    _without(Mutant.CANCEL_CLOSES_BEGUN, _CANCEL, _NOT_UNSENT),
    _without(Mutant.CANCEL_CLOSES_SENT, _CANCEL, _NOT_UNSENT),
    _without(Mutant.CANCEL_TRUSTS_ROLLBACK, _ROLLBACK_CANCEL, _NOT_UNSENT),
    _without(Mutant.CANCEL_FORGOTTEN, _CANCEL, "something was created after the cancel"),
    _without(Mutant.REVOKE_UNCHECKED, _REVOKE, _NOT_REFUSED),
)
"""Each has to break a promise."""

ASSUMPTIONS: tuple[Counterexample, ...] = (
    _without(Mutant.PERSON_DOES_NOT_WAIT, _PEOPLE, _NOT_REFUSED),
    _without(Mutant.DECISION_ROLLS_BACK, _ROLLBACK_PEOPLE, _TWICE),
    _without(Mutant.CANCEL_AFTER_ROLLBACK, _ROLLBACK_CANCEL, "the journal does not know: a"),
    _without(Mutant.START_AGAIN, _ROLLBACK, _NOT_REFUSED),
)
"""Events that the protocol cannot prevent: each breaks a promise once it may happen."""
