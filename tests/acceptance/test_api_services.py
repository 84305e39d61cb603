"""The services behind the API: what goes over the broker, and what happens when one is away."""

from __future__ import annotations

import base64
import json
import pickle
import time
from pathlib import Path

import pytest
import redis

from stripe_flows import app, start_flow
from stripe_flows.engine.errors import JournalUnavailable, SettingsError
from stripe_flows.local.process import ProcessFailed
from stripe_flows.local.stack import Stack
from stripe_flows.tasks.sealing import new_key
from tests.acceptance.caller import calling, fresh, start_main

pytestmark = pytest.mark.usefixtures("caller", "simulator")


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


def test_a_broker_that_is_down_does_not_keep_a_run_from_starting(
    caller: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(caller.env, "STRIPE_FLOWS_BROKER_URL", "redis://127.0.0.1:1/0")
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


def test_a_worker_says_that_the_journal_has_no_append_only_file_and_can_refuse_it(
    caller: Stack,
) -> None:
    with redis.Redis.from_url(caller.broker.url) as server:
        server.config_set("appendonly", "no")
        try:
            worker = caller.start_worker("lossy")
            log = worker.log.read_text() if worker.log else ""
            worker.stop()
            with pytest.raises(ProcessFailed, match=r"ended with 78\n[^$]*REQUIRE_AOF"):
                caller.start_worker("careful", env={"STRIPE_FLOWS_REQUIRE_AOF": "true"})
        finally:
            server.config_set("appendonly", "yes")
            del caller.workers[-2:]
    assert "ERROR/MainProcess] the journal at 127.0.0.1" in log
    assert "keeps no append-only file" in log
