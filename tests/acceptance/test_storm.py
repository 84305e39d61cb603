"""Killing any process at any moment loses nothing and charges nobody twice.

Real workers on the real broker, killed with -9 as they work, script processes too, while the
simulator leaves requests unanswered before and after their effect. Then Stripe is asked what it did.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from stripe_flows import Run, start_flow
from stripe_flows.local.process import Process
from stripe_flows.local.stack import Stack
from stripe_flows.simulator.client import SimulatorClient
from tests.acceptance.caller import calling
from tests.acceptance.conftest import QUICK

RUNS = 300
KILLS = 10
SETTLE = 90.0
"""Seconds after the last kill in which every run has to end."""

FLOWS = {
    "storm": 'new_payment_intent().amount(1000).currency("usd").create_async(then="storm_first")',
    "storm_first_response": (
        "new_payment_intent().amount(2000).currency('usd')"
        ".metadata({'first': parsed_data.id}).create_async(then='storm_second')"
    ),
    "storm_second_response": 'print(f"done {parsed_data.metadata.first} {parsed_data.id}")',
}

FAULTS = [
    {"kind": "timeout_before", "probability": 0.01, "seconds": 5},
    {"kind": "timeout_after", "probability": 0.02, "seconds": 5},
    {"kind": "reset_before", "probability": 0.02},
    {"kind": "reset_after", "probability": 0.02},
    {"kind": "conflict_409", "probability": 0.01},
    {"kind": "rate_429", "probability": 0.01},
    {"kind": "error_503", "probability": 0.01},
]


@pytest.fixture
def storm(tmp_path: Path) -> Iterator[Stack]:
    """A stack of its own, with two workers."""
    flows = tmp_path / "flows"
    flows.mkdir()
    for name, source in FLOWS.items():
        (flows / f"{name}.py").write_text(source)
    env = {**QUICK, "STRIPE_FLOWS_MAX_ATTEMPTS": "50"}
    with Stack(tmp_path / "stack", flows_dir=flows, extra_env=env) as stack, calling(stack):
        stack.start_worker("second")
        yield stack


@pytest.mark.parametrize("pool", ["threads", "prefork"])
def test_a_storm_of_kills_loses_nothing_and_doubles_nothing(storm: Stack, pool: str) -> None:
    # Given two workers, and a Stripe that often does not answer
    assert storm.simulator_url is not None
    simulator = SimulatorClient(storm.simulator_url)
    simulator.seed(1)
    simulator.faults(FAULTS)
    for worker in storm.workers[:]:
        replace(storm, worker, pool)

    # When 300 runs of two calls are started while workers and script processes are killed
    chance = random.Random(2)
    runs: list[Run] = []
    kills = scripts = 0
    next_kill = time.monotonic() + 1.0
    while len(runs) < RUNS or kills < KILLS:
        if len(runs) < RUNS:
            runs.append(start_flow("storm", run_id=f"order-{len(runs)}"))
        if time.monotonic() > next_kill:
            if chance.random() < 0.6:
                replace(storm, chance.choice(storm.workers), pool)
                kills += 1
                next_kill = time.monotonic() + chance.uniform(0.5, 2.5)
            else:
                scripts += kill_script_processes(storm)
                next_kill = time.monotonic() + chance.uniform(0.1, 0.4)
        time.sleep(0.04)  # not a wait: the pace at which the runs come in
    simulator.clear_faults()

    # Then every run ends well, each of its two calls was executed once, and each step ran once
    left = runs
    until = time.monotonic() + SETTLE
    while left and time.monotonic() < until:
        left = [run for run in left if run.status() == "running"]
    assert Counter(run.status() for run in runs) == {"succeeded": RUNS}
    executed = simulator.effects()["keys"]
    assert len(executed) == 2 * RUNS
    assert {key: found for key, found in executed.items() if found["executed"] != 1} == {}
    for run in runs:
        assert run.output().count("done") == 1
        ends = Counter((event.kind, event.status) for event in run.history())
        assert ends["call", "response"] == 2
        assert ends["execution", "succeeded"] == 3
    assert scripts > 0, "no script process was killed"
    simulator.close()


def replace(stack: Stack, worker: Process, pool: str) -> None:
    """kill -9, and another in its place, which comes up while the rest goes on."""
    worker.kill()
    stack.workers.remove(worker)
    stack.start_worker(worker.name, pool=pool, concurrency=8, wait=False)


def kill_script_processes(stack: Stack) -> int:
    """kill -9 of the processes that run scripts for the stack's workers."""
    killed = 0
    for worker in stack.workers:
        # A worker leads a process group of its own, which its script processes belong to.
        found = subprocess.run(
            ["pgrep", "-g", str(worker.pid), "-f", "monty"], capture_output=True, check=False
        )
        for pid in found.stdout.split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                continue
            killed += 1
    return killed
