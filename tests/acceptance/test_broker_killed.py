"""A killed Redis loses nothing that was committed, and workers go on when it is back."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

from stripe_flows import Run, start_flow
from stripe_flows.engine.errors import JournalUnavailable
from stripe_flows.local.stack import Stack
from stripe_flows.simulator.client import SimulatorClient
from tests.acceptance.caller import calling
from tests.acceptance.conftest import QUICK

RUNS = 60

FLOWS = {
    "twice": 'new_payment_intent().amount(1000).currency("usd").create_async(then="twice_first")',
    "twice_first_response": (
        "new_payment_intent().amount(2000).currency('usd').create_async(then='twice_second')"
    ),
    "twice_second_response": 'print("done")',
}


def test_a_broker_killed_in_the_middle_of_work_loses_nothing(tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    flows.mkdir()
    for name, source in FLOWS.items():
        (flows / f"{name}.py").write_text(source)
    folder = tmp_path / "stack"
    with Stack(folder, flows_dir=flows, extra_env=QUICK, simulator_latency=0.02) as stack:
        assert stack.simulator_url is not None
        simulator = SimulatorClient(stack.simulator_url)
        with calling(stack):
            runs: list[Run] = []
            for number in range(RUNS):
                if number == RUNS // 2:
                    # fsync is once a second: wait until what is committed is on the disk, so that
                    # what follows tests the kill and not the last second.
                    time.sleep(1.1)
                    stack.broker.process.kill()
                    stack.broker.start()
                runs.append(start_when_possible(f"order-{number}"))
            until = time.monotonic() + 60
            left = runs
            while left and time.monotonic() < until:
                left = [run for run in left if run.status() == "running"]
            assert Counter(run.status() for run in runs) == {"succeeded": RUNS}
            executed = simulator.effects()["keys"]
            assert Counter(found["executed"] for found in executed.values()) == {1: 2 * RUNS}
            assert all(run.output() == "done\n" for run in runs)
        simulator.close()


def start_when_possible(run_id: str) -> Run:
    """Starting again with the same run_id is safe, so a caller may simply try again."""
    until = time.monotonic() + 20
    while True:
        try:
            return start_flow("twice", run_id=run_id)
        except JournalUnavailable:
            assert time.monotonic() < until
