"""Advice looks at what a script chose, its messages and its text: it must help, or do nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

import pytest

from stripe_flows.engine import redact
from stripe_flows.engine.diagnose import (
    call_lines,
    monty_messages,
    provenance,
    script_errors,
    suggestions,
    syntax_errors,
)
from stripe_flows.engine.diagnose.script_errors import MAX_REASON, Reasons
from stripe_flows.engine.errors import ScriptError
from stripe_flows.engine.execution import Engine
from stripe_flows.engine.sandbox import reading, syntax_tree
from stripe_flows.engine.sandbox.syntax_tree import nodes_of
from tests.unit.engine.conftest import Run, runner

pytestmark = pytest.mark.sweep

ErrorOf = Callable[[str], str]

BIG = 1_000_000
"""Characters at which a search that goes back and forth in a text would not end in hours."""


@pytest.mark.parametrize("text", ["a", "_sf_", "'_sf_x' object ", "create_async() takes "])
def test_a_message_of_any_length_costs_nothing(error_of: ErrorOf, text: str) -> None:
    times = BIG // len(text)
    assert len(error_of(f"raise TypeError({text!r} * {times})")) < MAX_REASON + 100


@pytest.mark.parametrize(
    "message",
    [
        "_sf_no_ids foo",
        "_sf_set _sf_x amount " + "9" * 5000 + " -",
        "_sf_set _sf_new_refund amount 3 -",
        "_sf_assigned x",
        "'_sf_nothing' object does not support item assignment",
        "nothing() got an unexpected keyword argument 'x'",
    ],
)
def test_what_a_script_raises_itself_is_a_failed_script(error_of: ErrorOf, message: str) -> None:
    assert error_of(f"\nraise TypeError({message!r})").startswith("flows/main.py:2: ")


def test_a_text_with_many_places_costs_no_more_than_its_lines(error_of: ErrorOf) -> None:
    for use in ("x.id", 'x["id"]'):
        many = f"{use} if 0 else 0\n" * 3000
        assert "text.py" not in error_of(f"x = 'a'\n{many}{use}")


def test_the_place_that_failed_is_the_one_that_is_spoken_of(error_of: ErrorOf) -> None:
    begin = "class O:\n    pass\na = O()\na.customer = O()\na.customer.id = 1\na.charge = 'ch_1'\n"
    said = error_of(f"{begin}print(a.customer.id)\nprint(a.charge.id)")
    assert said.startswith("flows/main.py:8: charge is a string, without 'id'")
    # Of two on one line nobody knows which one was meant.
    assert "charge" not in error_of(f"{begin}b = 'x'\nprint(b.id if a else 0, a.charge.id)")


def test_advice_that_fails_leaves_the_error_as_it_is(
    error_of: ErrorOf, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> str:
        raise IndexError("secret of the script")

    monkeypatch.setattr(Reasons, "_type", broken)
    assert error_of("raise TypeError('plain')") == "flows/main.py:1: TypeError: plain"
    (record,) = caplog.records
    assert record.__dict__["action"] == "advice_failed"
    assert "secret" not in caplog.text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("half = 4 // 2)", "cannot be read: Expected a statement"),
        ('print("Paid – thanks"))', "cannot be read: Expected a statement"),
        ('print("a || b"))', "cannot be read: Expected a statement"),
        ("if bool(x=1)\n    pass", "cannot be read: Expected `:`, found newline"),
        (
            "x = 1 2  # a => b",
            "cannot be read: Simple statements must be separated by newlines or semicolons",
        ),
        ('f(a, "b, [c)\ng("d")', "cannot be read: missing closing quote in string literal"),
        (
            "// a comment of another language",
            "cannot be read: Expected a statement; a comment begins with #",
        ),
    ],
)
def test_what_stands_in_a_text_is_no_habit(error_of: ErrorOf, line: str, said: str) -> None:
    assert error_of(line) == f"flows/main.py:1: {said}"


def test_whether_a_flow_is_there_is_looked_up_and_not_searched_for(engine: Engine) -> None:
    class Names(frozenset[str]):
        def __iter__(self) -> Iterator[str]:
            raise AssertionError("the hot path went through all names")

    run = runner(engine, Names({"paid_response"}))
    text = 'new_payment_intent().amount(1).currency("usd").create_async("w", "c", then="paid")'
    assert len(run(text).calls) == 1


def test_a_reason_that_is_cut_says_so(error_of: ErrorOf) -> None:
    told = error_of('raise TypeError("a" * 40_000)')
    assert told == f"flows/main.py:1: TypeError: {'a' * (MAX_REASON - 11)}…"


PATTERNS = [
    *(
        one
        for where in (monty_messages, reading, script_errors, suggestions)
        for one in vars(where).values()
    ),
    *(pattern for pattern, _ in syntax_errors._HABITS),
    redact._KEY,
]


@pytest.mark.parametrize("pattern", [one for one in PATTERNS if isinstance(one, re.Pattern)])
@pytest.mark.parametrize(
    "piece", ["a", " ", ". ", "_sf_", "'_sf_", "'", "a(", "_async() takes ", "_sf_set ", "new a "]
)
def test_no_pattern_looks_at_a_text_again_and_again(pattern: re.Pattern[str], piece: str) -> None:
    pattern.sub("", piece * (BIG // len(piece)))


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


def test_what_is_learned_of_a_text_is_learned_once(
    error_of: ErrorOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    walks: list[str] = []

    def walked(source: str) -> Iterator[ast.AST]:
        walks.append(source)
        return nodes_of(source)

    for module in (call_lines, provenance, script_errors, syntax_tree):
        monkeypatch.setattr(module, "nodes_of", walked)
    for first, use in (("x.id", "x.id"), ("x()", "customer()")):
        many = ", ".join([first, *[use] * 200])
        assert error_of(f"x = 'a'\ny = [{many}]").startswith("flows/main.py:2: ")
    assert 0 < len(walks) < 20


@pytest.mark.parametrize("asked", ["prices[params['plan']]", "prices['plan'], params['plan']"])
def test_a_key_of_another_dict_is_not_missed_in_params(run: Run, asked: str) -> None:
    with pytest.raises(ScriptError) as caught:
        run(f"prices = {{}}\nprint({asked})", params={"plan": "plan"})
    assert str(caught.value) == "flows/main.py:2: KeyError: plan"


def test_of_a_variable_that_holds_several_calls_none_is_told(error_of: ErrorOf) -> None:
    made = "x = new_customer().create()\n"
    assert "create() returns a string" in error_of(f"{made}x.id")
    told = error_of(f"{made}x = customer('cus_1').retrieve_async()\nx.id")
    assert told == "flows/main.py:3: AttributeError: 'str' object has no attribute 'id'"


@pytest.mark.parametrize(
    ("worker_id", "looks"),
    [("cus_worker", False), ("cus_worker1", True), ("cus_Worker", True), ("worker1", False)],
)
def test_a_worker_may_be_named_like_an_id_in_small_letters(
    run: Run, worker_id: str, looks: bool
) -> None:
    done = run(f"new_customer().create('{worker_id}')")
    assert ("looks like the id of a customer" in done.output) is looks
