"""Messages that are no hints, on a real queue: they cost a line in the log, and no worker."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest
import redis

from stripe_flows import app
from stripe_flows.local.stack import Stack
from stripe_flows.tasks.worker.malformed import WRONG_KIND
from tests.acceptance.caller import calling, fresh, start_main
from tests.acceptance.conftest import FLOWS, QUICK
from tests.acceptance.waiting import wait_for

QUEUE = "flows.default"
PLANTED = "planted.person@example.com"
NOW = int(time.time() * 1000)
HINT = {"run": "order-42", "item": "a" * 26, "at": NOW, "flow": "main", "context_id": "context-1"}


def message(body: object = None, **changed: object) -> dict[str, Any]:
    """A message as Kombu puts it on a Redis list: a sound hint, but for what is changed.

    A name with two underscores changes a part of a part: `headers__task`.
    """
    made: dict[str, Any] = {
        "body": encoded([[], HINT, {}] if body is None else body),
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {
            "lang": "py",
            "task": "stripe_flows.run_flow",
            "id": f"{HINT['item']}.1",
            "eta": None,
            "expires": None,
            "retries": 0,
            "timelimit": [None, None],
            "argsrepr": "()",
            "kwargsrepr": "{}",
            "root_id": None,
            "parent_id": None,
        },
        "properties": {
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": QUEUE},
            "delivery_tag": "tag",
            "body_encoding": "base64",
        },
    }
    for name, value in changed.items():
        place, *parts = name.replace("content_", "content-").split("__")
        if parts:
            made[place] = {**made[place], parts[0]: value}
        else:
            made[place] = value
    return made


def encoded(body: object) -> str:
    return base64.b64encode(json.dumps(body).encode()).decode()


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in message().items() if key != name}


def hinted(**changed: object) -> dict[str, Any]:
    return message([[], {**HINT, **changed}, {}])


WHOLE: dict[str, bytes | object] = {
    "not JSON": b"\x80\x04\x95" + PLANTED.encode(),
    "half of it": json.dumps(message()).encode()[:100],
    "nested too deep": b"[" * 200_000,
    "a type that Kombu does not know": {"__type__": "bytes", "__value__": 1},
    "{}": {},
    "[]": [],
    "null": None,
    "a number": 42,
    "a string": PLANTED,
    "no properties": without("properties"),
    "properties that are a list": message(properties=[PLANTED]),
    "no delivery tag": message(properties={"delivery_info": {}}),
    "a delivery tag that is a list": message(properties__delivery_tag=[PLANTED]),
    "delivery information that is a list": message(properties__delivery_info=[PLANTED]),
    "a routing key that is an object": message(
        properties__delivery_info={"exchange": "", "routing_key": {"email": PLANTED}}
    ),
    "no headers": without("headers"),
    "headers that are a list": message(headers=[PLANTED]),
    "compressed with nothing": message(headers__compression="application/x-gzip"),
}
HEADERS: dict[str, object] = {
    "no task": message(headers={"id": PLANTED}),
    "a task that is a list": message(headers__task=[PLANTED]),
    "a task that nobody knows": message(headers__task=f"stripe_flows.{PLANTED}"),
    "no id": message(headers={"task": "stripe_flows.run_flow"}),
    "an id that is an object": message(headers__id={"email": PLANTED}),
    "an eta that is no time": message(headers__eta=PLANTED),
    "an eta in a year": message(headers__eta="2999-01-01T00:00:00+00:00"),
    "expired": message(headers__expires="2020-01-01T00:00:00+00:00"),
    "an expiry that is a number": message(headers__expires=12),
    "a time limit that is text": message(headers__timelimit=PLANTED),
    "one time limit": message(headers__timelimit=[None]),
    "a time limit": message(headers__timelimit=[1, 1]),
    "retries that are text": message(headers__retries=PLANTED),
    "stamps that are text": message(headers__stamped_headers=PLANTED, headers__stamps=PLANTED),
}
BODIES: dict[str, object] = {
    "no body": without("body"),
    "a body of null": message(body="null"),
    "a body that is not base64": message() | {"body": f"\x00{PLANTED}"},
    "a body that is an object": message() | {"body": {"email": PLANTED}},
    "a body that is not JSON": message()
    | {"body": base64.b64encode(b"\x80\x04" + PLANTED.encode()).decode()},
    "a body of {}": message({}),
    "a body of []": message([]),
    "a body that is a number": message(42),
    "a body that is a string": message(PLANTED),
    "a body of two": message([[], HINT]),
    "keyword arguments that are a list": message([[], [PLANTED], {}]),
    "positional arguments": message([[PLANTED], HINT, {}]),
    "no keyword arguments": message([[], {}, {}]),
    "a callback of a stranger": message([[], HINT, {"callbacks": [{"task": "celery.chain"}]}]),
    "the wrong content type": message(content_type="application/x-python-serialize"),
    "a content type that is a list": message(content_type=[PLANTED]),
    "plain text": message(content_type="text/plain"),
    "an encoding that is a list": message(content_encoding=[PLANTED]),
    "a body encoding that nobody knows": message(properties__body_encoding=PLANTED),
    "a run that is an object": hinted(run={"email": PLANTED}),
    "a run with a space": hinted(run=f"{PLANTED} 1"),
    "an item that is null": hinted(item=None),
    "an item with a bar": hinted(item="a|b"),
    "a time that is text": hinted(at=PLANTED),
    "a time that is true": hinted(at=True),
    "a time in a float": hinted(at=1e300),
    "a flow that is a list": hinted(flow=[PLANTED]),
    "huge": hinted(context_id=PLANTED * 100_000),
}
MALFORMED = {**WHOLE, **HEADERS, **BODIES}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack of its own: what this test pushes would end another's worker."""
    folder = tmp_path_factory.mktemp("malformed")
    with Stack(folder, flows_dir=FLOWS, extra_env=QUICK) as running, calling(running):
        yield running


@pytest.fixture
def server(stack: Stack) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(stack.broker.url) as client:
        yield client


def push(server: redis.Redis, raw: object) -> None:
    server.lpush(QUEUE, raw if isinstance(raw, bytes) else json.dumps(raw))


def consumed(server: redis.Redis) -> None:
    wait_for(lambda: server.llen(QUEUE) == 0, 30)


def logged(stack: Stack) -> str:
    (worker,) = stack.workers
    assert worker.log is not None
    return worker.log.read_text()


def stats(stack: Stack) -> dict[str, Any]:
    """Return what `inspect stats` shows of the worker."""
    # A worker that has just started may not hear yet.
    replies = wait_for(lambda: cast(Any, app.control.inspect(timeout=3, limit=1).stats()))
    (found,) = replies.values()
    return cast(dict[str, Any], found)


def dropped(stack: Stack) -> dict[str, int]:
    """Return how many messages with each fault the worker counts as dropped."""
    return cast(dict[str, int], stats(stack)["dropped_messages"])


def test_failed_publications_are_counted_beside_dropped_messages(stack: Stack) -> None:
    assert stats(stack)["failed_publications"] == 0


def test_no_malformed_message_ends_a_worker(stack: Stack, server: redis.Redis) -> None:
    (worker,) = stack.workers
    before = dropped(stack)
    for raw in MALFORMED.values():
        push(server, raw)
    consumed(server)
    run = start_main(fresh(), worker_id="default")
    assert run.wait(timeout=30) == "succeeded"
    assert worker.running, worker.tail()
    after = dropped(stack)
    assert sum(after.values()) - sum(before.values()) == len(MALFORMED)


def test_each_kind_is_logged_once_and_nothing_of_what_the_messages_hold(
    stack: Stack, server: redis.Redis
) -> None:
    for raw in [*MALFORMED.values(), *MALFORMED.values()]:
        push(server, raw)
    consumed(server)
    kinds = dropped(stack)
    lines = [line for line in logged(stack).splitlines() if "dropped a message" in line]
    assert len(kinds) > 8
    for kind in kinds:
        assert sum(f"dropped a message: {kind} (" in line for line in lines) == 1
    assert len(lines) == len(kinds)
    assert "planted" not in logged(stack)
    assert "Traceback" not in logged(stack)


def test_malformed_messages_leave_no_trace_in_the_journal(
    stack: Stack, server: redis.Redis
) -> None:
    run = start_main(fresh(), worker_id="default")
    for raw in MALFORMED.values():
        push(server, raw)
    consumed(server)
    assert run.wait(timeout=30) == "succeeded"
    assert max(event.attempt for event in run.history()) == 1
    assert not [key for key in server.scan_iter("{sf}:*") if b"order-42" in key]
    assert set(server.hkeys("{sf}:mark")) <= {b"flows.default", b"flows.worker-1"}
    assert "published " not in logged(stack)  # the sweeper missed none


def test_no_malformed_broadcast_ends_a_worker(stack: Stack, server: redis.Redis) -> None:
    (worker,) = stack.workers
    heard = 0
    for raw in [*WHOLE.values(), *BODIES.values()]:
        text = raw if isinstance(raw, bytes) else json.dumps(raw)
        heard += int(server.publish("/0.celery.pidbox", text))
    assert heard
    run = start_main(fresh(), worker_id="default")
    assert run.wait(timeout=30) == "succeeded"
    assert worker.running, worker.tail()
    assert dropped(stack)  # it answers commands


def test_a_worker_drops_a_hint_that_names_another_kind_of_step(
    stack: Stack, server: redis.Redis
) -> None:
    run = start_main(fresh(), worker_id="nobody")
    (first,) = server.lrange("flows.nobody", 0, -1)
    named = json.loads(base64.b64decode(json.loads(first)["body"]))[1]
    push(server, message([[], named, {}], headers__task="stripe_flows.create_refund"))
    wait_for(lambda: dropped(stack).get(WRONG_KIND))
    (only,) = run.history()
    assert only.status == "started"
