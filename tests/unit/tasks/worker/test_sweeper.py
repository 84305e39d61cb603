"""The sweeper outlives what surprises it, and ends a worker that has gone deaf."""

from __future__ import annotations

from typing import Any, cast

import pytest

from stripe_flows.engine.errors import JournalUnavailable
from stripe_flows.tasks.journal.store import Store
from stripe_flows.tasks.journal.workers import WorkerRow
from stripe_flows.tasks.publisher import Publisher
from stripe_flows.tasks.worker import sweeper as module
from stripe_flows.tasks.worker.sweeper import EXIT_DEAF, Sweeper

ROW = WorkerRow(name="w@h:1", queues=(), seal_keys=(), flow_set="", version="0")


def make(broker_answers: bool, ended: list[int]) -> Sweeper:
    return Sweeper(
        cast(Store, None),
        cast(Publisher, None),
        lambda: ROW,
        interval=0.01,
        grace=15,
        lease=30,
        broker_answers=lambda: broker_answers,
        end_process=ended.append,
    )


def deaf(sweeper: Sweeper) -> None:
    sweeper._stamp -= module.DEAF_AFTER + 1


def test_a_worker_that_no_longer_consumes_ends_itself() -> None:
    ended: list[int] = []
    sweeper = make(True, ended)
    deaf(sweeper)
    for _ in range(3):
        assert ended == []
        sweeper.watch()
    assert ended == [EXIT_DEAF]


def test_a_worker_waits_for_a_broker_that_is_away() -> None:
    ended: list[int] = []
    sweeper = make(False, ended)
    deaf(sweeper)
    for _ in range(10):
        sweeper.watch()
    assert ended == []


def test_a_worker_that_consumes_lives_on() -> None:
    ended: list[int] = []
    sweeper = make(True, ended)
    deaf(sweeper)
    sweeper.watch()
    sweeper.stamp()
    for _ in range(10):
        sweeper.watch()
    assert ended == []


def test_a_sweep_that_fails_is_not_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[BaseException] = [JournalUnavailable("away"), KeyError("a surprise")]
    sweeper = make(True, [])
    done: list[str] = []

    def tick() -> int:
        if failures:
            raise failures.pop()
        done.append("swept")
        sweeper._stop.set()
        return 0

    monkeypatch.setattr(sweeper, "tick", tick)
    monkeypatch.setattr(module, "write_worker", lambda *_: None)
    sweeper.start()
    cast(Any, sweeper)._thread.join(10)
    assert done == ["swept"]


def test_a_worker_has_its_row_before_it_does_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(module, "write_worker", lambda _, row: written.append(row.name))
    sweeper = make(True, [])
    monkeypatch.setattr(cast(Any, sweeper)._thread, "start", lambda: written.append("thread"))
    sweeper.start()
    assert written == [ROW.name, "thread"]
