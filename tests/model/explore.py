"""Explore every state that a scenario can reach, breadth first.

Each state is checked against the promises, and the run followed from there without further faults until
it ends. The first broken promise is reported with the shortest story that leads to it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from tests.model import faults, network, people, workers
from tests.model.journal import create
from tests.model.promises import WALK, broken, has_ended, next_fair
from tests.model.rules import Scenario, Step
from tests.model.state import IDLE, Journal, State


@dataclass(frozen=True)
class Result:
    """The result of an exploration. `broken` is "" if every promise holds in all of the `states`."""

    broken: str
    states: int
    story: tuple[str, ...] = ()


class TooManyStates(Exception):
    """The scenario has more states than the limit."""


def start(scenario: Scenario) -> State:
    """Return a run just after START, whose caller died before it published the hint."""
    empty = Journal((), (), 0)
    return create(State(empty, scenario.faults, (IDLE,) * scenario.workers), ("main",))


def steps(scenario: Scenario, state: State) -> Iterator[Step]:
    """Return every step that may happen next."""
    for worker in dict.fromkeys(state.workers):
        yield from workers.steps(scenario, state, worker)
    yield from network.steps(scenario, state)
    yield from faults.steps(scenario, state)
    if scenario.people or scenario.cancels:
        yield from people.steps(scenario, state)


def explore(scenario: Scenario, limit: int = 1_000_000) -> Result:
    """Explore all states of the scenario. Raises TooManyStates."""
    first = start(scenario)
    reached: dict[State, tuple[State, str] | None] = {first: None}
    ending: dict[State, bool] = {}
    queue = deque([first])
    while queue:
        state = queue.popleft()
        said = broken(scenario, state)
        following = [] if said else list(steps(scenario, state))
        if not said and not _ends(scenario, state, following, ending):
            said = "the run never ends"
        if said:
            return Result(said, len(reached), _story(reached, state))
        for step in following:
            if step.after not in reached:
                reached[step.after] = (state, step.label)
                queue.append(step.after)
        if len(reached) > limit:
            raise TooManyStates(f"{scenario.name}: more than {limit:,} states")
    return Result("", len(reached))


def _ends(
    scenario: Scenario, state: State, following: list[Step], ending: dict[State, bool]
) -> bool:
    """Return whether the run ends from here, without further faults."""
    path: list[State] = []
    here: State | None = state
    while here is not None and here not in ending and len(path) < WALK:
        path.append(here)
        if has_ended(here):
            ending[here] = True
            break
        here = next_fair(following if here is state else steps(scenario, here))
    good = here is not None and ending.get(here, False)
    for passed in path:
        ending[passed] = good
    return good


def _story(reached: dict[State, tuple[State, str] | None], state: State) -> tuple[str, ...]:
    lines: list[str] = []
    while (before := reached[state]) is not None:
        state, label = before
        lines.append(label)
    return tuple(reversed(lines))
