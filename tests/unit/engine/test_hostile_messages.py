"""What a script raises is a text of its own choice: it costs little to explain, and breaks nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from stripe_flows.engine import redact
from stripe_flows.engine.sandbox import asked, failure, habits, marks, reading
from tests.unit.engine.conftest import Run

ErrorOf = Callable[[str], str]

LONG = 1_000_000
"""Characters at which a pattern that looks at each of them from each of them never ends."""


def test_a_long_message_is_cut_before_it_is_looked_at(error_of: ErrorOf) -> None:
    told = error_of('raise TypeError("a" * 40_000)')
    assert told == f"flows/main.py:1: TypeError: {'a' * (failure.MAX_REASON - 11)}…"
    assert error_of('raise TypeError("_sf_" * 10_000)').endswith("…")


PATTERNS = [
    *(one for where in (asked, failure, marks, reading) for one in vars(where).values()),
    *(pattern for pattern, _ in habits._HABITS),
    redact._KEY,
]


@pytest.mark.parametrize("pattern", [one for one in PATTERNS if isinstance(one, re.Pattern)])
@pytest.mark.parametrize(
    "piece", ["a", " ", ". ", "_sf_", "'_sf_", "'", "a(", "_async() takes ", "_sf_set ", "new a "]
)
def test_no_pattern_looks_at_a_text_again_and_again(pattern: re.Pattern[str], piece: str) -> None:
    pattern.sub("", piece * (LONG // len(piece)))


@pytest.mark.parametrize(
    "message",
    [
        '"_sf_no_ids foo"',
        '"_sf_set _sf_x amount " + "9" * 5000 + " -"',
        '"_sf_set _sf_new_customer name 0 -"',
        '"_sf_assigned name"',
        '"_sf_paged"',
    ],
)
def test_the_words_of_the_prelude_mean_nothing_in_a_script(error_of: ErrorOf, message: str) -> None:
    told = error_of(f"new_customer().name('Ann')\nraise TypeError({message})")
    assert told.startswith("flows/main.py:2: TypeError: ")


def test_the_functions_of_the_prelude_lead_to_no_other_error(error_of: ErrorOf) -> None:
    told = error_of("def _sf_step():\n    raise TypeError('_sf_no_ids foo')\nnew_plan('x')")
    assert told.startswith("flows/main.py:3: ")


def test_advice_that_fails_leaves_the_plain_error(
    run: Run, error_of: ErrorOf, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> str:
        raise KeyError("a piece of the script")

    monkeypatch.setattr("stripe_flows.engine.sandbox.advice.no_name", broken)
    assert error_of("a = 1\nb") == "flows/main.py:2: NameError: name 'b' is not defined"
    (record,) = [r for r in caplog.records if getattr(r, "action", "") == "advice_failed"]
    assert "a piece of the script" not in caplog.text
    assert vars(record)["flow"] == "main"
    assert vars(record)["error"] == "KeyError"
