"""Help: every command has it, as `--help` and as `-h`."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from stripe_flows.cli.dev_stack import dev
from stripe_flows.cli.main import cli
from stripe_flows.simulator.__main__ import main as simulator
from tests.runner import run_cli

THERE = sorted(set(cli.commands) - {"dev", "simulator"})


@pytest.mark.parametrize("command", [*([name] for name in THERE), ["keys", "new"], []])
def test_h_is_help_for_every_command(command: list[str]) -> None:
    short, long = run_cli([*command, "-h"]), run_cli([*command, "--help"])
    assert (short.exit_code, long.exit_code) == (0, 0)
    assert short.stdout == long.stdout
    assert "-h, --help" in short.stdout


@pytest.mark.parametrize("command", [dev, simulator])
def test_h_is_help_for_the_processes_too(command: click.Command) -> None:
    with command.make_context("it", [], resilient_parsing=True) as ctx:
        assert ctx.help_option_names == ["-h", "--help"]


@pytest.mark.parametrize(
    ("command", "option"), [("dev", "--flower-port"), ("simulator", "--latency")]
)
def test_a_command_that_becomes_a_process_hands_on_the_question_for_help(
    command: str, option: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stripe_flows.cli", command, "-h"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(f"Usage: stripe-flows {command} ")
    assert option in done.stdout
