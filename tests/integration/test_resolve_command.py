"""What `stripe-flows resolve --response` says where no worker, or not yet, has compared the object."""

from __future__ import annotations

import time

import pytest
from click.testing import Result

from stripe_flows.tasks.api import services
from stripe_flows.tasks.journal.workers import WorkerRow, write_worker
from tests.integration.charging import call_of, held
from tests.integration.house import House
from tests.integration.test_claims import intent
from tests.runner import run_cli


@pytest.fixture
def resolving(charging: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """The house, as the process that the commands run in."""
    monkeypatch.setattr(services, "process_services", lambda app: charging.services)
    return charging


def resolve(call: str, *options: str) -> Result:
    return run_cli(["resolve", call, "--response", "pi_7", *options])


def with_a_worker(house: House) -> None:
    row = WorkerRow(name="w", queues=("flows.default",), seal_keys=(), flow_set="", version="1")
    write_worker(house.services.store, row)


def test_without_a_worker_it_says_that_the_object_is_compared_when_one_runs(
    resolving: House,
) -> None:
    run = held(resolving)
    began = time.monotonic()
    done = resolve(call_of(run))
    assert time.monotonic() - began < 10
    assert done.exit_code == 4
    assert "not compared yet: no worker consumes default" in done.stderr
    assert f"pi_7 is compared when a worker runs: stripe-flows show {run.id}" in done.stderr

    resolving.stripe.answers.append(intent())
    resolving.play()
    assert run.status() == "succeeded"


def test_ctrl_c_stops_only_the_waiting(resolving: House, monkeypatch: pytest.MonkeyPatch) -> None:
    run = held(resolving)
    with_a_worker(resolving)

    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(time, "sleep", interrupted)
        done = resolve(call_of(run))
    assert done.exit_code == 4
    assert f"not waited for; pi_7 is compared when a worker runs: stripe-flows show {run.id}" in (
        done.stderr
    )
    resolving.stripe.answers.append(intent())
    resolving.play()
    assert run.status() == "succeeded"


def test_it_waits_until_the_object_was_compared_and_says_why_it_is_refused(
    resolving: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = held(resolving)
    with_a_worker(resolving)
    resolving.stripe.answers.append(intent(amount=447))
    # The worker does its part while the command sleeps.
    monkeypatch.setattr(time, "sleep", lambda seconds: resolving.play())
    done = resolve(call_of(run))
    assert done.exit_code == 3
    assert "refused: pi_7 is of 4.47 USD; the call asked for 20.00 USD" in done.stderr
    assert "stays held" in done.stderr
    assert run.status() == "held"
