"""The protocol holds in every explored state, and the checker sees each rule that is left out."""

from __future__ import annotations

import pytest

from tests.model.configurations import ASSUMPTIONS, FULL, MUTANTS, QUICK, Counterexample
from tests.model.explore import explore
from tests.model.rules import Mutant, Scenario


def _by_name(scenario: Scenario) -> str:
    return scenario.name


def _what_is_left_out(example: Counterexample) -> str:
    return example.scenario.name


def _told(story: tuple[str, ...]) -> str:
    return "\n".join(f"{number:3} {line}" for number, line in enumerate(story, 1))


@pytest.mark.parametrize("scenario", QUICK, ids=_by_name)
def test_every_promise_holds_in_every_state_with(scenario: Scenario) -> None:
    result = explore(scenario)
    assert not result.broken, f"{result.broken}\n{_told(result.story)}"
    assert result.states > 1000, "so few states that the faults cannot have been explored"


@pytest.mark.parametrize("example", MUTANTS, ids=_what_is_left_out)
def test_the_checker_sees_that(example: Counterexample) -> None:
    assert example.breaks in explore(example.scenario).broken


@pytest.mark.parametrize("example", ASSUMPTIONS, ids=_what_is_left_out)
def test_an_assumption_is_needed_since_a_promise_breaks_when(example: Counterexample) -> None:
    assert example.breaks in explore(example.scenario).broken


def test_every_mutant_is_explored_once() -> None:
    explored = [example.scenario.mutant for example in (*MUTANTS, *ASSUMPTIONS)]
    assert sorted(explored, key=str) == sorted(Mutant, key=str)


def test_configurations_have_names_of_their_own() -> None:
    names = [scenario.name for scenario in (*QUICK, *FULL)]
    assert len(set(names)) == len(names)


def test_the_story_of_a_mutant_can_be_read() -> None:
    (example,) = (e for e in MUTANTS if e.scenario.mutant is Mutant.UNKNOWN_IS_ERROR)
    assert explore(example.scenario).story == (
        "a sweep takes main, which was published",
        "the worker publishes the hint of main",
        "a worker takes the hint of main",
        "BEGIN main",
        "the worker has swept",
        "CLOSE main",
        "the worker publishes the hint of a",
        "a worker takes the hint of a",
        "BEGIN a, and send it under the key a",
        "Stripe begins to execute, key a",
        "Stripe charges and answers 500, key a",
        "CLOSE a: 500, refused",
    )
