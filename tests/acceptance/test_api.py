"""The Python API against a running stack, as a web application uses it."""

from __future__ import annotations

import base64
import json
import pickle
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

import stripe_flows
import tasks
from stripe_flows import Run, app, get_run, list_runs, start_flow
from stripe_flows.engine.errors import (
    FlowNotFound,
    InputError,
    JournalUnavailable,
    RunFailed,
    RunHeld,
    RunMismatch,
    RunNotFound,
    SettingsError,
)
from stripe_flows.local.process import ProcessFailed
from stripe_flows.local.simulator.client import SimulatorClient
from stripe_flows.local.stack import Stack
from stripe_flows.tasks.sealing import new_key
from tests.acceptance.caller import calling

pytestmark = pytest.mark.usefixtures("caller", "simulator")

MAIN_OUTPUT = """\
Request dispatched: payment_intent_request_dispatched
✅ Payment Intent Created: {}
Status: requires_payment_method
Ready for frontend payment collection
"""


def fresh(name: str = "run") -> str:
    return f"{name}-{uuid.uuid4().hex[:12]}"


def wait_for(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def start_main(run_id: str | None = None, **changed: object) -> Run:
    given: dict[str, object] = {
        "flow": "main",
        "params": {"customer": "cus_customer123"},
        "worker_id": "worker-1",
        "context_id": "context-123",
        "stripe_secret": "sk_test_ofthecaller",
        "run_id": run_id,
        **changed,
    }
    return start_flow(**given)  # type: ignore[arg-type]


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


# --- promise 1 -------------------------------------------------------------------------------------


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


# --- promise 4 -------------------------------------------------------------------------------------


def test_a_run_id_given_twice_starts_one_run(simulator: SimulatorClient) -> None:
    run_id = fresh("order")
    runs = [start_main(run_id) for _ in range(3)]
    threads = [threading.Thread(target=start_main, args=(run_id,)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {run.id for run in runs} == {run_id}
    assert runs[0].wait(timeout=20) == "succeeded"
    start_main(run_id)
    assert len(simulator.ledger(operation="create_payment_intent")) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"params": {"customer": "cus_other"}},
        {"context_id": "other"},
        {"worker_id": "default"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_run_id_with_other_input_is_a_mismatch(changed: dict[str, object]) -> None:
    run_id = fresh("order")
    start_main(run_id)
    with pytest.raises(RunMismatch, match=run_id):
        start_main(run_id, **changed)


# --- promise 9 -------------------------------------------------------------------------------------


def test_a_pickle_from_the_broker_is_never_opened(caller: Stack, tmp_path: Path) -> None:
    trap = tmp_path / "sprung"

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (str(trap),))

    with app.connection() as connection, connection.SimpleQueue("flows.default") as queue:
        queue.producer.publish(
            pickle.dumps(Trap()),
            content_type="application/x-python-serialize",
            content_encoding="binary",
            headers={"task": "stripe_flows.run_flow", "id": "trap"},
        )
    assert start_main(fresh(), worker_id="default").wait(timeout=20) == "succeeded"
    assert not trap.exists()


# --- promise 10 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"worker_id": "unacked:1"}, "worker_id 'unacked:1'"),
        ({"worker_id": ""}, "worker_id ''"),
        ({"worker_id": "w" * 65}, "1 to 64"),
        ({"context_id": "c" * 201}, "1 to 200"),
        ({"context_id": "a\nb"}, "printable"),
        ({"run_id": "order 42"}, "run_id 'order 42'"),
        ({"run_id": "x" * 129}, "1 to 128"),
        ({"params": {"big": "x" * 65_536}}, "64 KB|65536"),
        ({"params": {"when": object()}}, "JSON"),
        ({"params": {1: "one"}}, "key 1"),
        ({"params": {"nan": float("nan")}}, "JSON"),
        ({"params": ["a"]}, "dict"),
        ({"stripe_secret": "pk_test_publishable"}, "neither a Stripe key"),
        ({"worker_id": "sk_test_planted!"}, "worker_id"),
        ({"worker_id": "sk_test_planted"}, "worker_id .* holds a Stripe key"),
        ({"context_id": "for rk_live_planted"}, "context_id .* holds a Stripe key"),
        ({"run_id": "sk_test_planted"}, "run_id .* holds a Stripe key"),
        ({"script": b"print(1)", "flow": None}, "script is a bytes"),
        ({"stripe_secret": "env:sk_test_planted"}, "begin with STRIPE_"),
        ({"stripe_secret": 123}, "stripe_secret is a int"),
        ({"params": {"a": "\ud800"}}, "not valid Unicode"),
        ({"stripe_secret": "env:HOME"}, "begin with STRIPE_"),
        ({"stripe_secret": "env:STRIPE_FLOWS_SEAL_KEYS"}, "not STRIPE_FLOWS_"),
        ({"stripe_secret": "sk_live_planted"}, "STRIPE_FLOWS_ALLOW_LIVE"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_wrong_input_is_told_at_once_and_starts_nothing(
    changed: dict[str, object], said: str, simulator: SimulatorClient
) -> None:
    before = {run.id for run in list_runs(limit=1000)}
    with pytest.raises(InputError, match=said) as caught:
        start_main(**{"run_id": fresh(), **changed})  # type: ignore[arg-type]
    assert "planted" not in str(caught.value)
    assert {run.id for run in list_runs(limit=1000)} == before
    assert simulator.ledger() == []


def test_params_without_an_end_are_told_at_once() -> None:
    params: dict[str, object] = {}
    for _ in range(100_000):
        params = {"in": params}
    with pytest.raises(InputError, match="nested too deeply"):
        start_main(fresh(), params=params)


def test_a_flow_that_is_not_there_is_told_with_the_nearest_name() -> None:
    with pytest.raises(FlowNotFound, match="did you mean 'main'"):
        start_flow("mian")
    with pytest.raises(InputError) as caught:
        start_flow("sk_test_planted")
    assert "planted" not in str(caught.value)
    with pytest.raises(InputError, match="not the name of a flow"):
        start_flow("../main")
    with pytest.raises(InputError, match="takes the name of a flow, or script="):
        start_flow("main", script="print(1)")


def test_a_run_that_is_not_there_is_not_found() -> None:
    with pytest.raises(RunNotFound):
        get_run("never-started")


# --- following a run -------------------------------------------------------------------------------


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


def test_runs_are_found_by_their_context() -> None:
    context = fresh("order 42 ✓")
    first = start_flow(script="print(1)", context_id=context, run_id=fresh())
    second = start_flow(script="print(2)", context_id=context, run_id=fresh())
    assert list_runs(context_id=context) == [second, first]
    with pytest.raises(InputError):
        list_runs(context_id=context, held=True)


def test_a_run_is_found_by_every_stripe_id_that_its_answers_name() -> None:
    run = start_main(fresh())
    run.wait(timeout=20)
    (answer,) = (event for event in run.history() if event.object_id)
    for found in (answer.object_id, answer.request_id, "cus_customer123"):
        assert run in list_runs(object=found)
    assert list_runs(object="pi_ofnobody123") == []


def test_a_run_whose_queue_nobody_consumes_says_which_worker_is_missing() -> None:
    run = start_flow(script="print(1)", worker_id="worker-7", run_id=fresh())
    assert run.stuck() == ("no worker consumes worker-7: celery -A tasks worker -Q flows.worker-7")
    with pytest.raises(TimeoutError, match="worker-7"):
        run.wait(timeout=0.1)


def test_what_is_followed_comes_as_it_happens() -> None:
    run = start_main(fresh())
    kinds = [event.kind for event in run.follow()]
    assert kinds == ["start", "execution", "call", "execution"]


def test_both_names_of_the_package_give_the_same_objects() -> None:
    assert tasks.start_flow is stripe_flows.start_flow
    assert tasks.app is stripe_flows.app


# --- what is missing or away -----------------------------------------------------------------------


def test_a_broker_that_is_down_does_not_keep_a_run_from_starting(
    caller: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setitem(caller.env, "CELERY_BROKER_URL", "redis://127.0.0.1:1/0")
    with calling(caller):
        began = time.monotonic()
        run = start_main(fresh())
        assert time.monotonic() - began < 10
    assert run.wait(timeout=20) == "succeeded"  # the worker's sweeper published it


def test_a_journal_that_is_down_is_one_clear_error(
    caller: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(caller.env, "REDIS_URL", "redis://127.0.0.1:1/0")
    with calling(caller), pytest.raises(JournalUnavailable, match=r"127\.0\.0\.1:1 "):
        start_main(fresh())


def test_a_seal_key_that_the_journal_does_not_know_is_refused(
    caller: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(caller.env, "STRIPE_FLOWS_SEAL_KEYS", new_key())
    with calling(caller), pytest.raises(SettingsError, match="was sealed with"):
        start_main(fresh())


def test_without_a_seal_key_nothing_starts(caller: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(caller.env, "STRIPE_FLOWS_SEAL_KEYS")
    with calling(caller), pytest.raises(SettingsError, match="STRIPE_FLOWS_SEAL_KEYS"):
        start_main(fresh())
    with pytest.raises(ProcessFailed, match="STRIPE_FLOWS_SEAL_KEYS"):
        caller.start_worker("keyless", env={"STRIPE_FLOWS_SEAL_KEYS": ""})
    caller.workers.pop()


def test_a_worker_with_another_seal_key_does_not_start(caller: Stack) -> None:
    with pytest.raises(ProcessFailed, match="was sealed with"):
        caller.start_worker("stranger", env={"STRIPE_FLOWS_SEAL_KEYS": new_key()})
    caller.workers.pop()


def test_a_message_holds_a_hint_and_nothing_else(caller: Stack) -> None:
    start_flow(
        script="print(1)",
        worker_id="hinted",
        params={"email": "jenny@example.com"},
        context_id="shown",
        run_id=fresh(),
    )
    with redis.Redis.from_url(caller.broker.url) as server:
        (message,) = server.lrange("flows.hinted", 0, -1)
    body = json.loads(base64.b64decode(json.loads(message)["body"]))
    assert set(body[1]) == {"run", "item", "at", "flow", "context_id"}
    assert body[0] == []
