"""A script is a guest: what is denied, what is frozen, what is bounded."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from stripe_flows.engine.errors import LimitHit, ScriptError, ScriptFailed, ScriptRejected
from stripe_flows.engine.execution import Engine, Limits
from stripe_flows.engine.sandbox.reading import read
from tests.unit.engine.conftest import Run, runner


def test_the_clock_is_that_of_the_execution(run: Run) -> None:
    source = (
        "import time\nfrom datetime import datetime, date\n"
        "print(datetime.now(), time.time(), date.today())"
    )
    assert run(source).output == "2026-03-04 05:06:07 1772600767.0 2026-03-04\n"
    later = datetime(2027, 1, 1, tzinfo=UTC)
    assert run(source, clock=later).output.startswith("2027-01-01 00:00:00")


def test_no_clock_shows_how_long_it_runs(run: Run) -> None:
    source = (
        "import time\nx = [time.process_time(), time.monotonic(), time.perf_counter()]\n"
        "for n in range(100000): pass\n"
        "print(x == [time.process_time(), time.monotonic(), time.perf_counter()])"
    )
    assert run(source).output == "True\n"


def test_random_numbers_are_those_of_the_seed(run: Run) -> None:
    source = "import random\nprint(random.random(), random.Random().random(), random.choice('abc'))"
    assert run(source, seed="a").output == run(source, seed="a").output
    assert run(source, seed="a").output != run(source, seed="b").output


def test_sleep_takes_no_time(run: Run) -> None:
    began = time.monotonic()
    run(
        "import time, asyncio\ntime.sleep(1000)\n"
        "async def f():\n    await asyncio.sleep(1000)\nawait f()"
    )
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "source",
    [
        "open('/etc/passwd').read()",
        "open('x', 'w').write('x')",
        "import os\nos.listdir('/')",
        "import os\nos.environ['PATH']",
        "import os\nos.getenv('PATH')",
        "import os\nos.urandom(8)",
        "import os\nos.system('id')",
        "import subprocess",
        "import socket",
        "import urllib.request",
        "import ctypes",
        "import pydantic_monty",
        "from pathlib import Path\nPath('/etc/passwd').read_text()",
        "__import__('socket')",
        "().__class__.__base__.__subclasses__()",
        "input()",
        "globals()",
        "_sf_stop()",
    ],
)
def test_the_outside_is_out_of_reach(run: Run, source: str) -> None:
    with pytest.raises(ScriptFailed) as caught:
        run(source)
    assert caught.value.flow == "main"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("while True: pass", "it ran for longer than 0.5 s"),
        ("try:\n    while True: pass\nexcept BaseException: pass", "longer than 0.5 s"),
        ("while True: print('x' * 100000)", "longer than 0.5 s"),
        ("x = 'a' * 10**6\nwhile True: x = x + x", "more than 64 MB of memory"),
        ("'a' * 10**10", "more than 64 MB of memory"),
        ("9 ** 9 ** 9", "more than 64 MB of memory"),
        ("def f(): f()\nf()", "more than 200 deep"),
        (
            "for n in range(51): new_customer().create()",
            "51 calls; the limit of an execution is 50",
        ),
        (
            "while True:\n    try: open('x')\n    except BaseException: pass",
            "more than 100 things that a script cannot have",
        ),
    ],
)
def test_a_hostile_script_costs_one_failed_execution(run: Run, source: str, told: str) -> None:
    with pytest.raises(LimitHit, match=told):
        run(source)
    assert run("print('next')").output == "next\n"


def test_functions_may_call_each_other_as_deep_as_the_limit_says(run: Run) -> None:
    source = "def f(n):\n    return n and f(n - 1)\nprint(f({}))"
    assert run(source.format(190)).output == "0\n"
    with pytest.raises(LimitHit):
        run(source.format(210))


def test_reading_a_text_costs_no_more_than_its_length() -> None:
    for source in (". " * 32000, ".#" * 32000, "a." * 32000, " " * 65000, "." + "\\\n" * 30000):
        began = time.monotonic()
        read(source)
        assert time.monotonic() - began < 0.5


def test_a_script_that_cannot_be_interrupted_is_killed() -> None:
    with Engine(Limits(seconds=0.1)) as engine:
        run = runner(engine)
        with pytest.raises(LimitHit, match="and was killed"):
            run("(10 ** 4000) ** 4000")
        assert run("print('next')").output == "next\n"


def test_up_to_the_limit_calls_are_taken(run: Run) -> None:
    assert len(run("for n in range(50): new_customer().create()").calls) == 50


def test_output_is_cut_at_the_limit_with_a_mark(run: Run) -> None:
    output = run("print('é' * 40000)\nprint('after')").output
    kept, mark = output.split("\n[")
    assert kept == "é" * 32768
    assert mark == "output cut: an execution may print 65536 bytes]\n"
    assert "cut" not in run("print('x' * 65535)").output


@pytest.mark.parametrize(
    "source",
    ["(" * 60000, "-" * 60000 + "1", "x = " + "a." * 30000 + "b", "1+" * 30000 + "1", "\ud800"],
)
def test_a_text_made_to_exhaust_the_parser_is_rejected(run: Run, source: str) -> None:
    with pytest.raises(ScriptRejected):
        run(source)
    with pytest.raises(ScriptError):
        run(f"new_customer().nam(1)\n{source}")


RECORD = '["new_customer.create",[],{},[],{},[],0,0,"w","c",null,null,null,null,null,null]'


@pytest.mark.parametrize(
    "record",
    [
        "3",
        "'nope'",
        "'[]'",
        "'{}'",
        repr(RECORD.replace("new_customer.create", "new_customer.retrieve")),
        repr(RECORD.replace("new_customer.create", "delete_everything")),
        repr(RECORD.replace("{}", "[]", 1)),
        repr(RECORD.replace("new_customer.create", "next_page")),
        repr(RECORD.replace("[],{}", "7,{}", 1)),
        repr(RECORD.replace("[],{}", '["x"],{}', 1)),
        repr(RECORD.replace(",0,", ",null,")),
        repr(RECORD.replace(",0,0,", ",0,null,")),
        repr(RECORD.replace(",0,0,", ",0,true,")),
        repr(RECORD.replace("{},[],{}", "{},[1],{}")),
        repr(RECORD.replace("{},[],{}", "{},[],[]")),
        repr(RECORD.replace("[],0", "7,0")),
        repr(RECORD.replace("[],0", "[7],0")),
        repr(RECORD.replace('"w"', "{}")),
        repr(RECORD.replace('"w"', '"\\ud800"')),
        repr(RECORD.replace("{}", '{"name": NaN}', 1)),
        repr(RECORD.replace("{}", '{"name": "\\ud800"}', 1)),
        repr(RECORD.replace("{}", '{"\\ud800": 1}', 1)),
        f"{RECORD!r}.replace('{{}}', '{{\"a\":' * 900 + '1' + '}}' * 900, 1)",
        repr(RECORD.replace('"c",null,null', '"c",null,{"a": "\\ud800"}')),
        repr(RECORD.replace('"c",null,null', '"c",null,{"a": Infinity}')),
        "'[' * 100000",
        "'9' * 10000",
        "lambda: 1",
    ],
)
def test_a_forged_record_is_refused(run: Run, record: str) -> None:
    assert run(f"new_customer()\n_sf_records.append({RECORD!r})").calls
    with pytest.raises(ScriptFailed):
        run(f"new_customer()\n_sf_records.append({record})")


@pytest.mark.parametrize("value", ["3", "None", "{'a': 1}", "{1, 2}", "len", "[[1]]"])
def test_a_forged_list_of_records_is_refused(run: Run, value: str) -> None:
    with pytest.raises(ScriptFailed, match="were changed: scripts may not change names that begin"):
        run(f"new_customer()\n_sf_records = {value}")


@pytest.mark.parametrize("value", ["3", "[1]", "['x']", "[[]]", "None"])
def test_a_forged_list_of_builders_is_refused(run: Run, value: str) -> None:
    with pytest.raises(ScriptFailed, match="were changed: scripts may not change names that begin"):
        run(f"new_customer().create()\n_sf_made = {value}")


@pytest.mark.parametrize("lines", ["3", "[1]", "['x', 2]", "[2, 4, 6]", "None"])
def test_forged_lines_are_refused(run: Run, lines: str) -> None:
    two = "if 1:\n    new_customer().create()\n    new_customer().create()\n"
    with pytest.raises(ScriptFailed, match="were changed: scripts may not change names that begin"):
        run(f"{two}_sf_lines = {lines}")


def test_a_line_that_the_text_does_not_have_is_not_believed(run: Run) -> None:
    two = "if 1:\n    new_customer().create()\n    new_customer().create()\n"
    assert [call.line for call in run(f"{two}_sf_lines = [99, -1]").calls] == [None, None]


def test_records_without_end_are_refused() -> None:
    with Engine(Limits(memory=256 * 1024 * 1024, seconds=5.0)) as engine:
        run = runner(engine)
        with pytest.raises(LimitHit, match="larger than 16 MB together"):
            run("new_customer()\n_sf_records.append('x' * (17 * 1024 * 1024))")
