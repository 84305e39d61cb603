"""SWEEP, LOST and AUDIT on a real server: lost steps are published again."""

from __future__ import annotations

import redis

from stripe_flows.tasks.journal.begin import Begun
from stripe_flows.tasks.journal.keys import DUE, PREFIX, sent_key
from stripe_flows.tasks.journal.sweep import audit, lost, sweep
from tests.integration.journal_items import QUEUE, RUN, Journal, call_child, pass_time


def test_a_lapsed_lease_is_taken_over_and_leaves_doubt(
    journal: Journal, server: redis.Redis
) -> None:
    begun = journal.open_call()
    assert sweep(journal.store) == []
    pass_time(server, f"{RUN} {begun.item_id}")
    (hint,) = sweep(journal.store)
    assert (hint.run_id, hint.item_id, hint.queue, hint.kind) == (RUN, begun.item_id, QUEUE, "call")
    assert hint.context_id == "context-1"
    again = journal.begin_call(begun.item_id)
    assert isinstance(again, Begun)
    assert again.token != begun.token
    assert again.unsure


def test_a_hint_older_than_the_mark_is_published_again(
    journal: Journal, server: redis.Redis
) -> None:
    started = journal.start()
    assert lost(journal.store, lambda _: 1000) == []
    server.zincrby(sent_key(QUEUE), -1001, f"{RUN} {journal.root}")
    server.hset(PREFIX + "mark", QUEUE, started.at)
    (hint,) = lost(journal.store, lambda _: 1000)
    assert hint.item_id == journal.root
    assert lost(journal.store, lambda _: 1000) == []  # it was stamped anew


def test_a_mark_ahead_of_the_servers_clock_sets_off_no_storm(
    journal: Journal, server: redis.Redis
) -> None:
    started = journal.start()
    server.hset(PREFIX + "mark", QUEUE, started.at + 3_600_000)
    assert lost(journal.store, lambda _: 15_000) == []


def test_a_queue_without_hints_is_no_longer_looked_at(
    journal: Journal, server: redis.Redis
) -> None:
    journal.started_root()
    assert server.smembers(PREFIX + "queues") == {QUEUE.encode()}
    lost(journal.store, lambda _: 15_000)
    assert server.smembers(PREFIX + "queues") == set()


def test_without_traffic_only_the_oldest_hint_is_probed(
    journal: Journal, server: redis.Redis
) -> None:
    for n in range(3):
        Journal(journal.store, run_id=f"run-{n}").start()
    for n in range(3):
        server.zincrby(
            sent_key(QUEUE), -100_000 + n, f"run-{n} {Journal(journal.store, f'run-{n}').root}"
        )
    assert [hint.run_id for hint in lost(journal.store, lambda _: 15_000)] == ["run-0"]
    assert lost(journal.store, lambda _: 15_000) == []  # once per grace


def test_a_queue_that_nobody_consumes_is_not_filled_with_probes(
    journal: Journal, server: redis.Redis
) -> None:
    journal.start()
    server.zincrby(sent_key(QUEUE), -(10**9), f"{RUN} {journal.root}")
    probes, grace = [], 15_000
    for tick in range(4 * 3600):  # four hours of ticks
        probes += [tick for _ in lost(journal.store, lambda _: grace)]
        raw = server.hget(PREFIX + "probe", QUEUE)
        assert isinstance(raw, bytes)
        at, wait = raw.decode().split("|")
        server.hset(PREFIX + "probe", QUEUE, f"{int(at) - 1000}|{wait}")
    assert 2 <= len(probes) <= 25
    assert probes[1] - probes[0] <= 16


def test_a_queue_that_drains_in_order_is_never_doubled(journal: Journal) -> None:
    ats = [Journal(journal.store, run_id=f"run-{n}").start().at for n in range(5)]
    for n in range(4):
        run = Journal(journal.store, run_id=f"run-{n}")
        assert isinstance(run.begin(at=ats[n]), Begun)
    assert lost(journal.store, lambda _: 15_000) == []


def test_a_step_that_the_indexes_forgot_is_put_back(journal: Journal, server: redis.Redis) -> None:
    for n in range(25):
        Journal(journal.store, run_id=f"other-{n}").start()
    children = [call_child(0), call_child(1)]
    journal.close(journal.started_root(), children)
    journal.begin_call(children[0].item_id)
    assert [audit(journal.store, at) for at in (0, 10, 20)] == [(10, 0), (20, 0), (0, 0)]
    server.delete(DUE, sent_key(QUEUE))  # as a file does that was cut in the middle of a write
    assert audit(journal.store, 0) == (10, 2 + 9)
    assert sweep(journal.store)[0].item_id == children[0].item_id
    assert server.zscore(sent_key(QUEUE), f"{RUN} {children[1].item_id}")
