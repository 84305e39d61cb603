"""The Python API against a running stack, as a web application uses it: runs, and following them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

import stripe_flows
import tasks
from stripe_flows import get_run, list_runs, start_flow
from stripe_flows.engine.errors import InputError, RunFailed, RunHeld, RunNotFound
from stripe_flows.simulator.client import SimulatorClient
from tests.acceptance.caller import fresh, start_main

pytestmark = pytest.mark.usefixtures("caller", "simulator")

MAIN_OUTPUT = """\
Request dispatched: payment_intent_request_dispatched
✅ Payment Intent Created: {}
Status: requires_payment_method
Ready for frontend payment collection
"""


def wait_for(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_the_main_flow_runs_from_script_to_answer_to_script() -> None:
    run = start_main(fresh())
    assert run.wait(timeout=20) == "succeeded"
    made = [event.object_id for event in run.history() if event.object_id]
    assert len(made) == 1
    assert run.output() == MAIN_OUTPUT.format(made[0])
    assert run.result() == run.output()


def test_the_record_tells_every_step() -> None:
    run = start_main(fresh())
    run.wait(timeout=20)
    events = run.history()
    assert [(event.kind, event.status, event.flow, event.operation) for event in events] == [
        ("start", "started", "main", None),
        ("execution", "succeeded", "main", None),
        ("call", "response", "main", "create_payment_intent"),
        ("execution", "succeeded", "new_create_payment_intent_response", None),
    ]
    answer = events[2]
    assert (answer.object_id or "").startswith("pi_")
    assert (answer.request_id or "").startswith("req_")
    assert (answer.http_status, answer.attempt) == (200, 1)
    assert events[1].created[0].item == answer.item
    assert events[3].parent == answer.item
    with pytest.raises(ValueError, match="frozen"):
        answer.attempt = 2  # type: ignore[misc]


def test_the_script_of_the_documents_runs_to_the_letter(simulator: SimulatorClient) -> None:
    script = Path(__file__).with_name("main_with_literals.txt").read_text()
    run = start_flow(script=script, run_id=fresh())
    assert run.wait(timeout=20) == "succeeded"
    assert run.output().splitlines()[0] == ("Request dispatched: payment_intent_request_dispatched")
    (received,) = simulator.ledger(operation="create_payment_intent")
    assert received["params"] == {
        "amount": "2000",
        "currency": "usd",
        "customer": "cus_customer123",
    }


def test_a_declined_payment_ends_in_the_error_flow() -> None:
    run = start_flow("declined", params={"customer": "cus_customer123"}, run_id=fresh())
    assert run.wait(timeout=20) == "succeeded"
    lines = run.output().splitlines()
    assert lines[1] == "❌ Payment Intent Failed: card_error"
    assert lines[2].startswith("Message: ")
    assert lines[3] == "Card was declined"


def test_a_script_has_ended_before_stripe_answers(simulator: SimulatorClient) -> None:
    simulator.faults([{"kind": "slow", "times": 1, "seconds": 1.5}])
    run = start_main(fresh())
    wait_for(lambda: len(run.history()) == 2)
    assert run.history()[1].status == "succeeded"
    assert run.status() == "running"
    assert run.output() == "Request dispatched: payment_intent_request_dispatched\n"
    assert run.wait(timeout=20) == "succeeded"
    _, script, answer, _ = run.history()
    assert (answer.time - script.time).total_seconds() > 1.4


def test_waiting_has_a_limit_and_says_where_the_run_stands(simulator: SimulatorClient) -> None:
    simulator.faults([{"kind": "slow", "times": 1, "seconds": 1.5}])
    run = start_main(fresh())
    with pytest.raises(TimeoutError, match=r"still runs after 0.3 s: .*create_payment_intent"):
        run.wait(timeout=0.3)
    assert run.wait(timeout=20) == "succeeded"


def test_a_failed_run_raises_when_asked_for_its_result() -> None:
    run = start_flow(script="print('so far')\nraise KeyError('x')", run_id=fresh())
    with pytest.raises(RunFailed, match=r"flows/script.py:2: KeyError"):
        run.result(timeout=20)
    assert run.output() == "so far\n"
    assert run in list_runs(failed=True)


def test_a_held_run_says_so_when_asked_for_its_result(simulator: SimulatorClient) -> None:
    simulator.faults([{"kind": "error_500_after", "times": 1}])
    run = start_main(fresh())
    with pytest.raises(RunHeld, match="is held"):
        run.result(timeout=20)
    assert run in list_runs(held=True)
    assert run.output().count("\n") == 1  # no flow ran for money that may have moved


def test_a_run_that_is_not_there_is_not_found() -> None:
    with pytest.raises(RunNotFound):
        get_run("never-started")


def test_runs_are_found_by_their_context() -> None:
    context = fresh("order 42 ✓")
    first = start_flow(script="print(1)", context_id=context, run_id=fresh())
    second = start_flow(script="print(2)", context_id=context, run_id=fresh())
    assert list_runs(context_id=context) == [second, first]
    assert list_runs(context_id=context, flow="script", since="1h", limit=1) == [second]
    assert list_runs(context_id=context, held=True) == []
    with pytest.raises(InputError, match="neither an age"):
        list_runs(context_id=context, since="soon")


def test_a_run_is_found_by_every_stripe_id_that_its_answers_name() -> None:
    run = start_main(fresh())
    run.wait(timeout=20)
    (answer,) = (event for event in run.history() if event.object_id)
    for found in (answer.object_id, answer.request_id, "cus_customer123"):
        assert run in list_runs(object=found)
    assert list_runs(object="pi_ofnobody123") == []


def test_a_run_whose_queue_nobody_consumes_says_which_worker_is_missing() -> None:
    run = start_flow(script="print(1)", worker_id="worker-7", run_id=fresh())
    assert (
        run.stuck() == "no worker consumes worker-7: start one with `stripe-flows worker worker-7`"
    )
    with pytest.raises(TimeoutError, match="worker-7"):
        run.wait(timeout=0.1)


def test_what_is_followed_comes_as_it_happens() -> None:
    run = start_main(fresh())
    kinds = [event.kind for event in run.follow()]
    assert kinds == ["start", "execution", "call", "execution"]


def test_both_names_of_the_package_give_the_same_objects() -> None:
    assert tasks.start_flow is stripe_flows.start_flow
    assert tasks.app is stripe_flows.app
