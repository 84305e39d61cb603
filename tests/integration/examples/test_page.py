"""`docs/examples.md`: what it says of the examples is so, and its commands print what it shows."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import requests

from stripe_flows.engine.check.flows import check_flows
from stripe_flows.engine.continuation import continuation_name
from stripe_flows.engine.flow import FlowFolder
from tests.integration.examples.shop import FLOWS, Shop

PAGE = (Path(__file__).parents[3] / "docs" / "examples.md").read_text()
CONSOLE = re.compile(r"^## (.*?)$.*?^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SESSIONS = dict(CONSOLE.findall(PAGE))
ID = re.compile(r"\b((?:cs_test|cs|[a-z]+)_)[A-Za-z0-9]{14,}")


def sources() -> dict[str, str]:
    """All flows of the repository, with their texts."""
    return dict(FlowFolder(FLOWS).survey()[0])


EXAMPLES = sorted(name for name in sources() if name.startswith("examples/"))
STARTS = [name for name in EXAMPLES if continuation_name(name) is None]


def test_the_check_has_nothing_to_say_of_the_examples() -> None:
    assert check_flows(sources(), frozenset(EXAMPLES)) == []


def test_the_page_names_twelve_examples_and_every_flow_that_is_started() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| [")]
    assert len(rows) == len(SESSIONS) == 12
    named = re.findall(r"\]\(\.\./flows/(examples/\w+)\.py\)", "\n".join(rows))
    assert sorted(named) == STARTS


@pytest.mark.parametrize("flow", STARTS)
def test_a_flow_that_is_started_begins_with_what_it_does_and_takes(flow: str) -> None:
    source = sources()[flow]
    comment = re.match(r"(?:#.*\n)+", source)
    assert comment is not None
    assert 1 <= comment[0].count("\n") <= 3
    for name in re.findall(r"params(?:\.get\(|\[)\"(\w+)\"", source):
        assert name in comment[0]


@pytest.mark.parametrize("flow", EXAMPLES)
def test_an_example_is_short(flow: str) -> None:
    lines = [line for line in sources()[flow].splitlines() if not line.startswith("#")]
    assert len(lines) <= 15


@pytest.mark.parametrize("title", SESSIONS)
def test_the_commands_print_what_the_page_shows(shop: Shop, title: str) -> None:
    ids: dict[str, str] = {}
    for number, step in enumerate(SESSIONS[title].split("$ ")[1:]):
        command, _, shown = step.partition("\n")
        for prefix, known in ids.items():
            command = command.replace(f"{prefix}…", known)
        printed = output_of(shop, shlex.split(command), f"run-{number}")
        assert re.fullmatch(re.escape(shown).replace("…", r"\S+"), printed), printed
        for found in ID.finditer(printed):
            ids[found[1].replace("cs_test_", "cs_")] = found[0]


def output_of(shop: Shop, command: list[str], run_id: str) -> str:
    """What a command of the page prints."""
    if command[0] == "curl":
        path, given = command[-3].removeprefix("$SIMULATOR"), command[-1]
        requests.post(shop.simulator.base_url + path, given, timeout=10).raise_for_status()
        return ""
    assert command[:2] == ["stripe-flows", "run"]
    assert command[3:4] in ([], ["--params"])
    given = json.loads(command[4]) if command[3:] else {}
    run = shop.run(command[2].removeprefix("examples/"), run_id, **given)
    assert run.status() == "succeeded"
    return run.output()
