"""Revoking a task, with Flower's buttons or from Python: it discards an attempt, never a step."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator
from typing import Any, cast

import pytest
import redis
import requests

from stripe_flows import Run, app
from stripe_flows.dashboard.login import USER
from stripe_flows.local.process import Process
from stripe_flows.local.stack import Stack
from stripe_flows.simulator.client import SimulatorClient
from stripe_flows.tasks.events import Event
from tests.acceptance.caller import calling, fresh, start_main
from tests.acceptance.conftest import FLOWS, QUICK
from tests.acceptance.waiting import wait_for

SETTINGS = QUICK | {"STRIPE_FLOWS_READ_TIMEOUT": "4", "STRIPE_FLOWS_LEASE": "6"}
SLOW = [{"kind": "slow", "operation": "create_payment_intent", "seconds": 3, "times": 1}]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack with Flower; its worker has one thread, so that a task can be kept waiting."""
    folder = tmp_path_factory.mktemp("revoke")
    own = Stack(folder, flows_dir=FLOWS, flower=True, concurrency=1, extra_env=SETTINGS)
    with own, calling(own):
        own.start_worker("forked", queues=["flows.unused"], pool="prefork", concurrency=1)
        wait_for(lambda: len(app.control.inspect(timeout=3, limit=2).ping() or ()) == 2)
        yield own


@pytest.fixture
def simulator(stack: Stack) -> Iterator[SimulatorClient]:
    assert stack.simulator_url is not None
    client = SimulatorClient(stack.simulator_url)
    client.reset()
    yield client
    client.close()


def press_revoke(stack: Stack, task_id: str, **query: str) -> None:
    """As the button on Flower's page of a task does."""
    reply = requests.post(
        f"{stack.flower_url}/api/task/revoke/{task_id}",
        params=query,
        auth=(USER, stack.flower_login.password),
        timeout=10,
    )
    assert reply.status_code == 200, reply.text


def in_flower(stack: Stack, task_id: str) -> dict[str, Any]:
    auth = (USER, stack.flower_login.password)
    reply = requests.get(f"{stack.flower_url}/api/task/info/{task_id}", auth=auth, timeout=10)
    return cast(dict[str, Any], reply.json()) if reply.status_code == 200 else {}


def hinted(stack: Stack, queue: str) -> str:
    """The id of the task that waits in the queue."""
    with redis.Redis.from_url(stack.broker.url) as server:
        (raw,) = server.lrange(queue, 0, -1)
    message = json.loads(raw)
    assert json.loads(base64.b64decode(message["body"]))[1]["item"] in message["headers"]["id"]
    return str(message["headers"]["id"])


def consume(queue: str, worker: str) -> None:
    """Let a worker that runs take one more queue up."""
    named = [worker_named(worker)]
    assert app.control.add_consumer(queue, destination=named, reply=True, limit=1, timeout=10)


def worker_named(name: str) -> str:
    return f"{name}@{socket.gethostname()}"


def put_off(run: Run) -> list[Event]:
    return [event for event in run.history() if "revoked" in str(event.error)]


def log_of(worker: Process) -> str:
    assert worker.log is not None
    return worker.log.read_text()


def call_in_progress(run: Run, simulator: SimulatorClient) -> str:
    """The id of the task whose request is at Stripe, which is slow."""
    wait_for(lambda: simulator.current_faults()[0]["fired"])
    (call,) = [item for item in run.open_items() if item.kind == "call"]
    return f"{call.item}.1"


@pytest.mark.parametrize("worker", ["worker", "forked"])
def test_a_revoked_hint_is_put_off_and_goes_on_as_another_task(stack: Stack, worker: str) -> None:
    # Given a run whose first hint waits in a queue that nobody consumes yet
    name = fresh("later")
    run = start_main(fresh(), worker_id=name)
    task_id = hinted(stack, f"flows.{name}")
    # When its task is revoked in Flower, and then received
    press_revoke(stack, task_id)
    consume(f"flows.{name}", worker)
    # Then the step is put off, in the record too, and goes on
    assert run.wait(timeout=30) == "succeeded"
    (event,) = put_off(run)
    assert (event.status, event.flow, event.attempt) == ("put_off", "main", 1)
    assert {event.attempt for event in run.history()} == {0, 1, 2}
    # and Flower has both attempts as they were
    root = task_id.removesuffix(".1")
    wait_for(lambda: in_flower(stack, f"{root}.1").get("state") == "REVOKED" or None)
    wait_for(lambda: in_flower(stack, f"{root}.2").get("state") == "SUCCESS" or None)
    logs = "".join(log_of(process) for process in stack.workers)
    assert f"WARNING/MainProcess] main of run {run.id}: the attempt was revoked" in logs


@pytest.mark.parametrize("terminate", [False, True])
def test_a_task_that_waits_for_a_thread_can_still_be_revoked(
    stack: Stack, simulator: SimulatorClient, terminate: bool
) -> None:
    simulator.faults(SLOW)
    busy = start_main(fresh(), worker_id="worker-1")
    call_in_progress(busy, simulator)
    waiting = start_main(fresh(), worker_id="worker-1")
    (root,) = [item.item for item in waiting.open_items()]
    wait_for(lambda: f"[{root}.1] received" in log_of(stack.workers[0]) or None)
    app.control.revoke(f"{root}.1", terminate=terminate)
    assert waiting.wait(timeout=30) == "succeeded"
    assert [event.attempt for event in put_off(waiting)] == [1]
    assert busy.wait(timeout=30) == "succeeded"
    assert put_off(busy) == []
    me = worker_named("worker")
    # Celery keeps no task that it believes to run.
    assert app.control.inspect([me], timeout=10, limit=1).active() == {me: []}


def test_a_call_that_a_thread_sends_cannot_be_terminated_and_the_caller_is_told(
    stack: Stack, simulator: SimulatorClient
) -> None:
    simulator.faults(SLOW)
    run = start_main(fresh(), worker_id="worker-1")
    task_id = call_in_progress(run, simulator)
    replies = app.control.revoke(task_id, terminate=True, reply=True, timeout=2)
    assert "a pool of threads cannot end it" in str(replies)
    assert run.wait(timeout=30) == "succeeded"
    assert {event.attempt for event in run.history()} == {0, 1}
    assert put_off(run) == []


def test_a_call_whose_process_is_terminated_is_asked_again_and_charges_once(
    stack: Stack, simulator: SimulatorClient
) -> None:
    name = fresh("forked")
    consume(f"flows.{name}", "forked")
    simulator.faults(SLOW)
    run = start_main(fresh(), worker_id=name)
    press_revoke(stack, call_in_progress(run, simulator), terminate="true")
    assert run.wait(timeout=40) == "succeeded"
    assert put_off(run) == []
    assert simulator.effects()["operations"] == {"create_payment_intent": 1}
