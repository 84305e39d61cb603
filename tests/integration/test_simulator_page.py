"""docs/simulator.md, executed: its programs run, and it names every fault, option and endpoint."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from stripe_flows.simulator.__main__ import main
from stripe_flows.simulator.client import SimulatorClient
from stripe_flows.simulator.control import Control
from stripe_flows.simulator.requests.faults import KINDS, Rule
from stripe_flows.simulator.simulation import make_simulation

PAGE = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text()
ADDRESS = "http://127.0.0.1:12111"


def blocks(language: str) -> list[str]:
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return found


def test_the_pages_python_runs(simulator: SimulatorClient) -> None:
    program = "\n".join(blocks("python")).replace(ADDRESS, simulator.base_url)
    exec(compile(program, "simulator.md", "exec"), {})


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_pages_curl_commands_are_answered(simulator: SimulatorClient) -> None:
    for command in blocks("sh"):
        done = subprocess.run(
            ["sh", "-c", command.replace(ADDRESS, simulator.base_url).replace("curl", "curl -f")],
            capture_output=True,
            text=True,
            timeout=30,
            env={"PATH": "/usr/bin:/bin", "NO_PROXY": "*"},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert json.loads(done.stdout)


def test_every_recipe_is_accepted_and_every_kind_has_one(simulator: SimulatorClient) -> None:
    (recipes,) = blocks("json")
    rules = [rule for line in recipes.splitlines() for rule in json.loads(line)]
    assert len(simulator.faults(rules)) == len(rules)
    assert {rule["kind"] for rule in rules} == set(KINDS)


def test_the_page_names_every_fault_option_and_endpoint() -> None:
    named = [
        *(f"| `{kind}` |" for kind in KINDS),
        *(f"| `{name}` |" for name in vars(Rule("slow")) if name not in ("kind", "fired")),
        *(f"`{option.opts[0]}" for option in main.params if option.name != "die_with_parent"),
        *{name.partition(" ")[2] for name in Control(make_simulation())._actions},
    ]
    assert [name for name in named if name not in PAGE] == []
