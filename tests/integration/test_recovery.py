"""Calls go on within seconds once Stripe answers again, steps once their worker is found dead."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import redis

from stripe_flows.tasks.api.run import Run
from stripe_flows.tasks.journal.begin import Begun
from stripe_flows.tasks.journal.keys import run_key
from stripe_flows.tasks.journal.read import read_open_items
from stripe_flows.tasks.journal.run_fields import state_field
from stripe_flows.tasks.journal.sweep import lapse, sweep
from stripe_flows.tasks.journal.workers import (
    GONE_MS,
    WORKER,
    WorkerRow,
    gone_workers,
    process_of,
    this_machine,
    write_worker,
)
from stripe_flows.tasks.send_request import backoff
from tests.integration.charging import call_of
from tests.integration.house import LOST, House
from tests.integration.journal_items import LEASE_MS, Journal, pass_time


def wait_of(house: House, run: Run) -> float:
    """Return the seconds until the run's open call is due."""
    (item,) = read_open_items(house.services.store, run.id)
    assert item.due is not None
    return (item.due - datetime.now(UTC)).total_seconds()


@pytest.fixture
def longest(monkeypatch: pytest.MonkeyPatch) -> Callable[..., float]:
    """Remove the jitter: every delay is the longest possible."""
    monkeypatch.setattr("random.uniform", lambda low, high: high)
    return backoff


def fail(house: House, runs: list[Run], times: int) -> None:
    """Let the calls of these runs fail so often; they wait then."""
    house.stripe.answers += [LOST] * times * len(runs)
    house.drain()
    for _ in range(times - 1):
        house.later()
        house.drain()


@pytest.mark.usefixtures("longest")
def test_an_answer_wakes_the_calls_that_failed_before_it(charging: House) -> None:
    waiting = [charging.start(run=f"order-{n}") for n in range(3)]
    fail(charging, waiting, times=8)
    assert all(wait_of(charging, run) > 100 for run in waiting)
    charging.start(run="well")
    charging.drain()
    assert all(wait_of(charging, run) <= 10 for run in waiting)


@pytest.mark.usefixtures("longest")
def test_a_call_that_fails_while_others_are_answered_waits_ten_seconds_at_most(
    charging: House,
) -> None:
    charging.start(run="well")
    charging.drain()
    run = charging.start(run="order-1")
    attempts = charging.services.settings.max_attempts
    fail(charging, [run], times=attempts)
    assert wait_of(charging, run) <= 10
    # Past its attempts it is held, and asked less and less often.
    waits = []
    for _ in range(8):
        charging.stripe.answers.append(LOST)
        charging.later()
        charging.drain()
        waits.append(wait_of(charging, run))
    assert waits == sorted(waits)
    assert waits[-1] > 100


def test_a_lease_that_lapsed_costs_no_attempt(charging: House) -> None:
    run = charging.start()
    charging.step()
    call = call_of(run)
    for n in range(8):
        begun = Journal(charging.services.store, run.id).begin_call(call)
        assert isinstance(begun, Begun)
        assert (begun.counted, begun.lost) == (0, n)
        pass_time(charging.server, f"{run.id} {call}")
        sweep(charging.services.store)
    charging.drain()
    assert run.output() == "made pi_1 in 9\n"


def test_a_call_whose_worker_dies_each_time_is_held_in_the_end(charging: House) -> None:
    run = charging.start()
    charging.step()
    call = call_of(run)
    for _ in range(charging.services.settings.max_begins):
        Journal(charging.services.store, run.id).begin_call(call)
        pass_time(charging.server, f"{run.id} {call}")
        sweep(charging.services.store)
    charging.drain()
    assert run.status() == "held"
    assert charging.stripe.sent == []


def row(name: str, *, worker: str, pid: int, machine: str) -> WorkerRow:
    return WorkerRow(
        name=name,
        queues=("flows.default",),
        seal_keys=(),
        flow_set="",
        version="0",
        worker=worker,
        pid=pid,
        machine=machine,
    )


def dead_process() -> int:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return pid


def test_a_worker_of_this_machine_is_gone_as_soon_as_its_process_is(journal: Journal) -> None:
    here = this_machine()
    if not here:
        pytest.skip("this system does not say what a process id is unique in")
    write_worker(journal.store, row("lives", worker="aa", pid=os.getpid(), machine=here))
    write_worker(journal.store, row("died", worker="bb", pid=dead_process(), machine=here))
    write_worker(journal.store, row("elsewhere", worker="cc", pid=1, machine="other"))
    assert [found.name for found in gone_workers(journal.store, by_age=True)] == ["died"]


def test_a_worker_of_another_machine_is_gone_when_it_is_silent(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_worker(journal.store, row("elsewhere", worker="cc", pid=1, machine="other"))
    monkeypatch.setattr("stripe_flows.tasks.journal.workers.GONE_MS", -1)
    assert [found.name for found in gone_workers(journal.store, by_age=True)] == ["elsewhere"]
    assert gone_workers(journal.store, by_age=False) == ()  # the journal itself was away
    assert GONE_MS > 0


def test_what_a_dead_worker_held_is_published_at_once(journal: Journal) -> None:
    begun = journal.open_call()
    assert lapse(journal.store, "another", LEASE_MS) == []
    (hint,) = lapse(journal.store, WORKER, LEASE_MS)
    assert (hint.item_id, hint.kind) == (begun.item_id, "call")
    again = journal.begin_call(begun.item_id)
    assert isinstance(again, Begun)
    assert (again.unsure, again.counted, again.lost) == (True, 0, 1)


def test_one_process_of_a_pool_may_be_dead_alone(journal: Journal) -> None:
    begun = journal.open_call()
    assert lapse(journal.store, process_of(os.getpid() + 1), LEASE_MS) == []
    assert lapse(journal.store, process_of(os.getpid())[:-1], LEASE_MS) == []
    (hint,) = lapse(journal.store, process_of(os.getpid()), LEASE_MS)
    assert hint.item_id == begun.item_id


def test_an_item_of_an_older_version_is_read_and_one_of_a_newer_is_kept(
    journal: Journal, server: redis.Redis
) -> None:
    begun = journal.open_call()
    key, field = run_key(journal.run_id), state_field(begun.item_id)
    raw = server.hget(key, field)
    assert isinstance(raw, bytes)
    parts = raw.decode().split("|")
    server.hset(key, field, "|".join(parts[:14]))  # as it was before lost, made_ms and worker
    (item,) = read_open_items(journal.store, journal.run_id)
    assert (item.state, item.name) == ("begun", "create_payment_intent")
    pass_time(server, f"{journal.run_id} {begun.item_id}")
    sweep(journal.store)
    assert isinstance(journal.begin_call(begun.item_id), Begun)
    raw = server.hget(key, field)
    assert isinstance(raw, bytes)
    server.hset(key, field, raw.decode() + "|later|still later")
    pass_time(server, f"{journal.run_id} {begun.item_id}")
    sweep(journal.store)
    raw = server.hget(key, field)
    assert isinstance(raw, bytes)
    assert raw.decode().endswith("|later|still later")
