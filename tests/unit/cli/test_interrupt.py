"""Ctrl-C says what is known of the run, wherever it comes, and twice is no worse than once.

In a process of its own, since it ends in the signal's handler.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import os, signal, sys
from stripe_flows.cli import run as command
from stripe_flows.cli.main import cli

def interrupted(flow, *, announce, **rest):
    if {announced}:
        announce("order-42")
    try:
        os.kill(os.getpid(), {signal})
        os.kill(os.getpid(), signal.SIGINT)
        print("went on")
    except BaseException as error:
        print("raised", type(error))

command.start_or_find = interrupted
print("printed before", end="")
cli(["run", "main", {options}], prog_name="stripe-flows")
"""


def run(
    signal: str = "signal.SIGINT", *, announced: bool = True, options: str = ""
) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(signal=signal, announced=announced, options=options)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )


def test_before_the_start_is_written_nothing_was_started() -> None:
    done = run(announced=False)
    assert (done.returncode, done.stdout) == (130, "printed before")
    assert done.stderr == "interrupted; nothing was started\n"


@pytest.mark.parametrize("options", ["", '"--json"', '"--no-wait"'])
def test_while_it_is_written_the_run_may_have_been_started(options: str) -> None:
    done = run(options=options)
    assert (done.returncode, done.stdout) == (130, "printed before")
    assert done.stderr == (
        "starting order-42\n"
        "interrupted; run order-42 may have been started; see stripe-flows show order-42, or give "
        "the same command with --run-id order-42: the run is started once at most\n"
    )


def test_a_request_to_end_is_answered_alike() -> None:
    done = run("signal.SIGTERM")
    assert done.returncode == 143
    assert "run order-42 may have been started" in done.stderr
