"""The log of a real worker: each line about a step names it, and nothing that a customer typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stripe_flows import Run, start_flow
from stripe_flows.local.stack import Stack
from stripe_flows.simulator.client import SimulatorClient
from tests.acceptance.caller import fresh
from tests.acceptance.waiting import wait_for

EMAIL = "planted.jenny@example.com"
PAYS = """
intent = new_payment_intent().amount(2000).currency("usd").customer("cus_customer123")
intent.receipt_email(params["email"]).create_async()
"""
RAISES = 'print(1)\nraise ValueError(params["email"])\n'
LINE = re.compile(r"\[[^]]+: (?P<level>\w+)/(?P<process>[\w-]+)\] (?P<text>.*)")


@contextmanager
def logging_worker(stack: Stack, pool: str | None, **env: str) -> Iterator[tuple[str, Path]]:
    """A worker of its own; gives its worker_id and its log."""
    worker_id = fresh("logged")
    worker = stack.start_worker(worker_id, queues=[f"flows.{worker_id}"], pool=pool, env=env)
    assert worker.log is not None
    try:
        yield worker_id, worker.log
    finally:
        stack.workers.remove(worker)
        worker.stop()


def lines(log: Path, *words: str) -> list[re.Match[str]]:
    """The lines of the log that have all the words."""
    found = map(LINE.match, log.read_text().splitlines())
    return [line for line in found if line and all(word in line[0] for word in words)]


def begin(worker_id: str, script: str, secret: str | None = None) -> Run:
    return start_flow(
        script=script,
        params={"email": EMAIL},
        worker_id=worker_id,
        context_id="basket 7",
        stripe_secret=secret,
    )


@pytest.mark.parametrize("pool", [None, "prefork"])
def test_each_line_about_a_step_names_run_context_and_flow_or_operation(
    caller: Stack, simulator: SimulatorClient, pool: str | None
) -> None:
    with logging_worker(caller, pool) as (worker_id, log):
        simulator.faults([{"kind": "error_503", "times": 1}])
        run = begin(worker_id, PAYS)
        assert run.wait(20) == "succeeded"
        wait_for(lambda: len(lines(log, "Task stripe_flows.", "succeeded")) >= 3 or None)

    about = lines(log, "Task stripe_flows.")
    assert {"received", "succeeded", "retry:"} <= {line["text"].split()[2] for line in about}
    for line in about:
        assert f'[run_id={run.id} context_id="basket 7" ' in line["text"]
        flow_or_operation = (
            r" (flow=\w+|operation=create_payment_intent) item=\w{26} attempt=\d+\]$"
        )
        assert re.search(flow_or_operation, line["text"])
    assert lines(log, "operation=create_payment_intent", "attempt=2", "succeeded")
    assert [line[0] for line in lines(log, "WARNING")] == []
    assert EMAIL not in log.read_text()


@pytest.mark.parametrize("pool", [None, "prefork"])
def test_a_run_that_fails_or_is_stuck_or_held_is_one_warning(
    caller: Stack, simulator: SimulatorClient, pool: str | None
) -> None:
    with logging_worker(caller, pool, STRIPE_FLOWS_GRACES="7") as (worker_id, log):
        failed = begin(worker_id, RAISES)
        assert failed.wait(20) == "failed"
        simulator.faults([{"kind": "error_500_after", "times": 1, "should_retry": False}])
        held = begin(worker_id, PAYS)
        assert held.wait(20) == "held"
        other = begin(worker_id, PAYS, "env:STRIPE_OTHER_KEY")
        wait_for(other.stuck)
        wait_for(lambda: len(lines(log, "WARNING", "run_id=")) >= 3 or None)

    warned = {line["text"].partition(";")[0]: line["text"] for line in lines(log, "WARNING")}
    assert sorted(warned) == sorted(
        [
            f"run {failed.id} failed: flows/script.py:2: ValueError",
            f"a call of run {held.id} is held, its outcome is not known: api_error http_status=500 "
            + (re.search(r"request_id=req_\w+", log.read_text()) or [""])[0],
            f"run {other.id} is stuck: the variable STRIPE_OTHER_KEY is not set on this worker",
            "STRIPE_FLOWS_GRACES is not a setting and has no effect",
        ]
    )
    assert EMAIL not in log.read_text()
