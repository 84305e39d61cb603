"""`python -m tests.model [--deep] [--stories]`: explore everything, and print a table.

`--deep` adds one fault to every configuration. `--stories` shows how each mutant breaks a promise.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

from tests.model.configurations import ASSUMPTIONS, FULL, MUTANTS, QUICK
from tests.model.explore import TooManyStates, explore
from tests.model.rules import Scenario

LIMIT = 30_000_000
"""The number of states at which an exploration stops."""


def main(arguments: list[str]) -> int:
    """Return 0 if every configuration holds and every mutant is caught, else 1."""
    deep, stories = "--deep" in arguments, "--stories" in arguments
    wrong = 0
    print(f"{'':7} {'configuration':64} {'states':>10} {'seconds':>7}")
    for scenario in (*QUICK, *FULL):
        if deep:
            name = f"{scenario.name}, and 1 more"
            scenario = replace(scenario, name=name, faults=scenario.faults + 1)
        wrong += not _row(scenario, breaks="", story=True)
    for title, counterexamples in (("mutants", MUTANTS), ("assumptions left out", ASSUMPTIONS)):
        print(f"\n{'':7} {title}")
        for scenario, breaks in counterexamples:
            wrong += not _row(scenario, breaks=breaks, story=stories)
    return int(wrong > 0)


def _row(scenario: Scenario, *, breaks: str, story: bool) -> bool:
    """Explore it and print a row. Return whether the result is right. `breaks`: what has to break."""
    began = time.monotonic()
    try:
        result = explore(scenario, LIMIT)
    except TooManyStates as error:
        print(f"STOPPED {error}", flush=True)
        return False
    seconds = time.monotonic() - began
    good = breaks in result.broken if breaks else not result.broken
    verdict = ("caught" if breaks else "holds") if good else ("MISSED" if breaks else "BROKEN")
    print(
        f"{verdict:7} {scenario.name:64.64} {result.states:>10,} {seconds:>7.1f} {result.broken}",
        flush=True,
    )
    if story:
        for number, line in enumerate(result.story, 1):
            print(f"{'':10} {number:2} {line}")
    return good


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
