"""The pinned version of Monty says what the patterns expect, when it runs and when it checks types."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version

import pydantic_monty
import pytest
from pydantic_monty import MontyRuntimeError

from stripe_flows.engine.diagnose import monty_messages as monty
from stripe_flows.engine.diagnose.not_in_sandbox import script_that_dumps
from stripe_flows.engine.sandbox.process import Processes
from stripe_flows.engine.scope import Limits

OWN = "class _sf_Data:\n    pass\nx = _sf_Data()\n"

RAISED = {
    "TIME_LIMIT": ("while True: pass", "TimeoutError", ()),
    "HOST_CALL_LIMIT": ("while True: host()", "RuntimeError", ()),
    "NOT_SUPPORTED": ("yield 1", "NotImplementedError", ("yield expressions",)),
    "WILDCARD_IMPORT": ("from json import *", "NotImplementedError", ()),
    "NAME": ("print(nobody)", "NameError", ("nobody",)),
    "OWN_ATTRIBUTE": (f"{OWN}x.name", "AttributeError", ("Data", "name")),
    "MODULE_ATTRIBUTE": ("import json\njson.name", "AttributeError", ("json", "name")),
    "PYTHON_ATTRIBUTE": ("''.name", "AttributeError", ("str", "name")),
    "NO_MODULE": ("import no.such", "ModuleNotFoundError", ("no",)),
    "NO_UTC": ("from datetime import UTC", "ImportError", ()),
    "UNKNOWN_LOCATION": ("from json import name", "ImportError", ()),
    "NOT_IN_ENVIRONMENT": ("import os\nos.getenv('x')", "RuntimeError", ("os.getenv",)),
    "UNEXPECTED_KEYWORD": ("def f(): pass\nf(x=1)", "TypeError", ("f", "x")),
    "JSON_KEYWORD": ("import json\njson.dumps(1, default=str)", "TypeError", ("default",)),
    "TOO_MANY_POSITIONAL": ("def list_async(): pass\nlist_async(1)", "TypeError", ("list_async",)),
    "FUNCTION_IN_SUB": ("import re\nre.sub('a', lambda m: '', 'a')", "TypeError", ()),
    "ITEM_ASSIGNMENT": (f"{OWN}x['a'] = 1", "TypeError", ("Data",)),
    "NOT_SUBSCRIPTABLE": (f"{OWN}x['a']", "TypeError", ("Data",)),
    "DATA_NOT_CALLABLE": (f"{OWN}x()", "TypeError", ()),
    "NOT_CALLABLE": ("''()", "TypeError", ()),
    "STRING_INDICES": ("''['a']", "TypeError", ()),
    "LIST_NOT_ITERATOR": ("next([])", "TypeError", ()),
    "DATA_NOT_JSON": (f"import json\n{OWN}json.dumps(x)", "TypeError", ()),
    "NOT_AWAITABLE": ("await 1", "TypeError", ()),
}
"""For each pattern a script, the class of its error and the groups of the match."""

STUBS = """
from typing import Literal, Mapping
class Refund:
    id: str
class RefundCall:
    def amount(self, value: int) -> RefundCall: ...
    def note(self, value: bytes) -> RefundCall: ...
def refund() -> RefundCall: ...
def either() -> Refund | Literal[1]: ...
"""

TYPED: dict[str, list[tuple[str, dict[str, str]]]] = {
    "TYPE_ATTRIBUTE": [
        ("r = Refund()\nr.name", {"kind": "Refund", "named": "name"}),
        ("either().id", {"name": "id", "kind": "Literal[1]", "union": "Refund | Literal[1]"}),
    ],
    "FUNCTION_ATTRIBUTE": [("refund.name", {})],
    "TYPE_ARGUMENT": [
        (
            "refund().amount('x')",
            {"kind": "RefundCall", "name": "amount", "wanted": "int", "given": 'Literal["x"]'},
        )
    ],
    "FUNCTION_NAMED": [("refund().amount()", {})],
    "TYPES_NAMED": [("1()", {})],
    "TYPE_BRACKETS": [("refund().amount('x')", {})],
}
"""For each pattern, texts and the named groups of the match, without those that are empty."""


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    found = Processes(Limits(seconds=0.2), processes=1, checkout_timeout=10)
    yield found
    found.close()


def test_the_file_names_the_version_that_it_was_written_for() -> None:
    assert f"pydantic-monty {version('pydantic-monty')}." in (monty.__doc__ or "")


def test_each_pattern_is_tried_here() -> None:
    patterns = {name for name, value in vars(monty).items() if isinstance(value, re.Pattern)}
    assert patterns == {*RAISED, *TYPED, "SINGLE_TYPE"}


@pytest.mark.parametrize("name", RAISED)
def test_the_interpreter_says_what_the_pattern_expects(processes: Processes, name: str) -> None:
    text, kind, groups = RAISED[name]
    ran = processes.run(
        text,
        {},
        clock=datetime(2026, 1, 1, tzinfo=UTC),
        seed="seed",
        functions={"host": lambda: None},
    )
    assert isinstance(ran.error, MontyRuntimeError)
    said = monty.said(ran.error.display(format="type-msg"), 1000)
    assert said.kind == kind
    pattern: re.Pattern[str] = getattr(monty, name)
    found = pattern.search(said.message)
    assert found is not None, said.message
    assert found.groups() == groups


def test_a_keyword_that_json_does_not_have_is_told_from_one_that_it_has(
    processes: Processes,
) -> None:
    def error(option: str) -> MontyRuntimeError | None:
        text = script_that_dumps(option)
        clock = datetime(2026, 1, 1, tzinfo=UTC)
        found = processes.run(text, {}, clock=clock, seed="seed").error
        assert found is None or isinstance(found, MontyRuntimeError)
        return found

    assert error("indent") is None
    assert monty.UNEXPECTED in str(error("default"))


@pytest.mark.parametrize("name", TYPED)
def test_the_type_checker_says_what_the_pattern_expects(name: str) -> None:
    for text, groups in TYPED[name]:
        message = type_message(text)
        pattern: re.Pattern[str] = getattr(monty, name)
        found = pattern.search(message)
        assert found is not None, message
        assert {k: v for k, v in found.groupdict().items() if v} == groups


@pytest.mark.parametrize("value", ["'x'", "str(1)", "True"])
def test_the_type_checker_names_a_single_type_as_the_pattern_expects(value: str) -> None:
    found = monty.TYPE_ARGUMENT.search(type_message(f"refund().note({value})"))
    assert found is not None
    assert monty.SINGLE_TYPE.match(found["given"])


def test_the_type_checker_marks_a_type_that_it_inferred() -> None:
    found = monty.TYPE_ARGUMENT.search(type_message("refund().note(1.5)"))
    assert found is not None
    assert found["given"] == f"float{monty.INFERRED}"


def type_message(text: str) -> str:
    """The first message of the type checker about a text."""
    with (
        pydantic_monty.Monty(max_processes=1) as pool,
        pool.checkout(
            type_check=True, type_check_stubs=STUBS, type_check_format="jsonlines"
        ) as session,
        pytest.raises(pydantic_monty.MontyTypingError) as caught,
    ):
        session.feed_run(text)
    said = json.loads(caught.value.display().splitlines()[0])
    return str(said["message"])
