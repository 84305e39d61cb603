"""The journal's steps on a real server: what each promises, one by one."""

from __future__ import annotations

import time

import pytest
import redis

from stripe_flows.engine.errors import JournalError, NotOpen, RunExpired, RunNotFound
from stripe_flows.engine.identity import child_id
from stripe_flows.tasks.journal.begin import Begun, Dropped
from stripe_flows.tasks.journal.close import Closed, close
from stripe_flows.tasks.journal.decide import cancel, decide, revive
from stripe_flows.tasks.journal.defer import defer, hold
from stripe_flows.tasks.journal.keys import DUE, PREFIX, done_key, record_key, run_key, sent_key
from stripe_flows.tasks.journal.read import (
    list_run_ids,
    read_open_items,
    read_payload,
    read_run,
    wait_done,
)
from stripe_flows.tasks.journal.record import read_record
from stripe_flows.tasks.journal.store import Store
from stripe_flows.tasks.journal.sweep import audit, lost, sweep
from tests.everything import everything_in
from tests.integration.journal_items import (
    QUEUE,
    RUN,
    Journal,
    call_child,
    execution,
    flow_child,
    line,
)


@pytest.fixture
def journal(store: Store) -> Journal:
    return Journal(store)


def dropped(found: object) -> str:
    assert isinstance(found, Dropped)
    return found.why


def pass_time(server: redis.Redis, member: str, ms: int = 10**7) -> None:
    """As if `ms` had gone by for the item's due time."""
    assert server.zincrby(DUE, -ms, member)


# --- START -----------------------------------------------------------------------------------------


def test_a_second_start_gives_the_first_run_and_creates_nothing(journal: Journal) -> None:
    assert journal.start().new
    again = journal.start()
    assert (again.new, again.attempt) == (False, 1)
    assert read_run(journal.store, RUN).open == 1
    assert len(read_record(journal.store, RUN)) == 1


def test_a_start_tells_what_the_run_was_started_with(journal: Journal) -> None:
    journal.start(digest="one")
    assert journal.start(digest="other").meta.input == "one"


def test_a_run_id_stays_taken_after_its_run_expired(journal: Journal, server: redis.Redis) -> None:
    journal.close(journal.started_root())
    assert read_run(journal.store, RUN).status == "succeeded"
    server.delete(run_key(RUN), record_key(RUN), done_key(RUN))  # as the expiry does
    with pytest.raises(RunExpired, match="order-42"):
        journal.start()


def test_a_run_that_ended_expires_whole(journal: Journal, server: redis.Redis) -> None:
    journal.started_root()
    assert server.pttl(run_key(RUN)) == -1
    begun = journal.begin_flow(journal.root)
    assert dropped(begun) == "busy"


def test_everything_of_an_ended_run_has_an_expiry(journal: Journal, server: redis.Redis) -> None:
    journal.close(journal.started_root())
    for key in (run_key(RUN), record_key(RUN), done_key(RUN)):
        assert 0 < int(server.pttl(key)) <= journal.store.retention.keep_ms


# --- BEGIN -----------------------------------------------------------------------------------------


def test_only_one_worker_begins_an_item(journal: Journal) -> None:
    begun = journal.started_root()
    assert begun.attempt == 1
    assert dropped(journal.begin()) == "busy"


def test_a_hint_for_a_closed_item_is_dropped(journal: Journal) -> None:
    journal.close(journal.started_root())
    assert dropped(journal.begin()) == "closed"


def test_a_hint_of_a_run_that_never_was_is_dropped(journal: Journal) -> None:
    assert dropped(journal.begin()) == "closed"


def test_the_first_execution_pins_the_run_to_its_flow_set(journal: Journal) -> None:
    begun = journal.started_root()
    sweep_now = begun.flow_set
    child = flow_child(journal.root)
    journal.close(begun, [child])
    later = journal.begin_flow(child.item, flow_set="f" * 64)
    assert isinstance(later, Begun)
    assert later.flow_set == sweep_now


def test_a_flow_set_whose_sources_are_not_stored_is_not_pinned(journal: Journal) -> None:
    journal.start()
    assert dropped(journal.begin_flow(journal.root, flow_set="f" * 64)) == "unpinned"
    assert isinstance(journal.begin(), Begun)


def test_a_forged_hint_from_the_future_does_not_move_the_mark_ahead(
    journal: Journal, server: redis.Redis
) -> None:
    journal.start()
    journal.begin(at=10**15)
    mark = int(server.hget(PREFIX + "mark", QUEUE) or 0)
    assert 0 < mark <= time.time() * 1000 + 5000


def test_a_call_whose_key_is_23_hours_old_is_begun_as_old(
    journal: Journal, server: redis.Redis
) -> None:
    begun = journal.open_call()
    age(server, begun.item, hours=23.1)
    pass_time(server, f"{RUN} {begun.item}")
    sweep(journal.store)
    again = journal.begin_call(begun.item)
    assert isinstance(again, Begun)
    assert again.old


def test_a_call_that_another_server_knew_is_unsure(journal: Journal, server: redis.Redis) -> None:
    child = call_child()
    journal.close(journal.started_root(), [child])
    move_to_another_server(server, child.item)
    begun = journal.begin_call(child.item)
    assert isinstance(begun, Begun)
    assert begun.unsure
    assert answer(begun, "unsaved", journal.store).status == "unsure"


def test_doubt_goes_on_to_all_that_follows(journal: Journal, server: redis.Redis) -> None:
    begun = journal.started_root()
    move_to_another_server(server, begun.item)
    child = call_child()
    journal.close(begun, [child])
    first = journal.begin_call(child.item)
    assert isinstance(first, Begun)
    assert first.unsure
    answer(first, "saved", journal.store)
    after = journal.begin_flow(child_id(first.item, "continuation", 0))
    assert isinstance(after, Begun)
    second = call_child(0, after.item)
    journal.close(after, [second])
    again = journal.begin_call(second.item)
    assert isinstance(again, Begun)
    assert again.unsure


def test_without_a_change_of_server_there_is_no_doubt(journal: Journal) -> None:
    begun = journal.open_call()
    assert not begun.unsure
    assert answer(begun, "unsaved", journal.store).status == "ok"


def test_a_call_in_doubt_is_as_old_as_the_change_of_server(
    journal: Journal, server: redis.Redis
) -> None:
    child = call_child()
    journal.close(journal.started_root(), [child])
    move_to_another_server(server, child.item)
    own = server.info("server")["run_id"]
    server.hincrby(PREFIX + "servers", own, -24 * 3_600_000)
    begun = journal.begin_call(child.item)
    assert isinstance(begun, Begun)
    assert begun.old


def test_a_refusal_proves_nothing_where_the_server_changed_since_the_begin(
    journal: Journal, server: redis.Redis
) -> None:
    begun = journal.open_call()
    move_to_another_server(server, begun.item)
    assert answer(begun, "unsaved", journal.store).status == "unsure"


# --- CLOSE -----------------------------------------------------------------------------------------


def test_done_and_what_follows_are_one_write(journal: Journal) -> None:
    children = [call_child(0), call_child(1)]
    closed = journal.close(journal.started_root(), children)
    assert closed.children == tuple(children)
    state = read_run(journal.store, RUN)
    assert (state.open, state.calls, state.status) == (2, 2, "running")
    assert {item.item for item in read_open_items(journal.store, RUN)} == {
        child.item for child in children
    }


def test_an_execution_commits_its_calls_once(journal: Journal) -> None:
    begun = journal.started_root()
    journal.close(begun, [call_child()])
    assert journal.close(begun, [call_child(), call_child(1)]).status == "closed"
    assert read_run(journal.store, RUN).open == 1


def test_calls_past_the_budget_are_refused_as_a_whole(journal: Journal) -> None:
    closed = journal.close(journal.started_root(), [call_child(i) for i in range(3)], budget=2)
    assert (closed.status, closed.children) == ("budget", ())
    state = read_run(journal.store, RUN)
    assert (state.status, state.open, state.calls) == ("failed", 0, 0)
    assert list_run_ids(journal.store, "failed") == [RUN]


def answer(begun: Begun, mode: str, store: Store, *, fails: bool = False) -> Closed:  # type: ignore[type-arg]
    children = [] if fails else [flow_child(begun.item)]
    return close(store, begun, mode, line(begun.item, "error", "call"), children, fails=fails)  # type: ignore[arg-type]


def test_a_call_has_exactly_one_continuation(journal: Journal) -> None:
    begun = journal.open_call()
    assert answer(begun, "saved", journal.store).status == "ok"
    assert answer(begun, "saved", journal.store).status == "closed"
    assert read_run(journal.store, RUN).open == 1


def test_a_saved_answer_closes_from_a_worker_that_lost_its_lease(
    journal: Journal, server: redis.Redis
) -> None:
    begun = journal.open_call()
    pass_time(server, f"{RUN} {begun.item}")
    sweep(journal.store)
    assert answer(begun, "saved", journal.store).status == "ok"


def test_a_saved_answer_closes_a_held_call(journal: Journal) -> None:
    begun = journal.open_call()
    assert hold(journal.store, begun, line(begun.item, "held", "call"))
    assert read_run(journal.store, RUN).status == "held"
    assert answer(begun, "saved", journal.store).status == "ok"
    assert read_run(journal.store, RUN).status == "running"
    assert list_run_ids(journal.store, "held") == []


def test_an_unsaved_refusal_needs_the_lease(journal: Journal, server: redis.Redis) -> None:
    begun = journal.open_call()
    pass_time(server, f"{RUN} {begun.item}")
    sweep(journal.store)
    assert answer(begun, "unsaved", journal.store).status == "stale"


def test_an_unsaved_refusal_proves_nothing_after_an_unanswered_attempt(
    journal: Journal, server: redis.Redis
) -> None:
    begun = journal.open_call()
    pass_time(server, f"{RUN} {begun.item}")
    sweep(journal.store)
    again = journal.begin_call(begun.item)
    assert isinstance(again, Begun)
    assert again.unsure
    assert answer(again, "unsaved", journal.store).status == "unsure"


def test_a_refusal_without_an_error_flow_fails_the_run_for_good(journal: Journal) -> None:
    children = [call_child(0), call_child(1)]
    journal.close(journal.started_root(), children)
    first, second = (journal.begin_call(child.item) for child in children)
    assert isinstance(first, Begun)
    assert isinstance(second, Begun)
    answer(first, "unsaved", journal.store, fails=True)
    assert read_run(journal.store, RUN).status == "running"
    answer(second, "saved", journal.store)
    after = journal.begin_flow(child_id(second.item, "continuation", 0))
    assert isinstance(after, Begun)
    journal.close(after)
    assert read_run(journal.store, RUN).status == "failed"


# --- DEFER, HOLD -----------------------------------------------------------------------------------


def test_only_the_leases_holder_may_put_off_or_hold(journal: Journal, server: redis.Redis) -> None:
    begun = journal.open_call()
    pass_time(server, f"{RUN} {begun.item}")
    sweep(journal.store)
    note = line(begun.item, "put_off", "call")
    assert not defer(journal.store, begun, note, delay_ms=1, unsure=True, burns=True)
    assert not hold(journal.store, begun, note)


def test_a_call_put_off_comes_back_when_its_time_has_come(
    journal: Journal, server: redis.Redis
) -> None:
    begun = journal.open_call()
    note = line(begun.item, "put_off", "call")
    assert defer(journal.store, begun, note, delay_ms=60_000, unsure=True, burns=True)
    assert dropped(journal.begin_call(begun.item)) == "early"
    assert sweep(journal.store) == []
    pass_time(server, f"{RUN} {begun.item}")
    (hint,) = sweep(journal.store)
    assert (hint.item, hint.attempt, hint.name) == (begun.item, 2, "create_payment_intent")
    again = journal.begin_call(begun.item)
    assert isinstance(again, Begun)
    assert (again.attempt, again.burned, again.unsure) == (2, 1, True)
    assert again.first_ms == begun.first_ms


def test_a_refusal_for_too_many_requests_leaves_no_doubt(
    journal: Journal, server: redis.Redis
) -> None:
    begun = journal.open_call()
    note = line(begun.item, "put_off", "call")
    defer(journal.store, begun, note, delay_ms=1, unsure=False, burns=True)
    pass_time(server, f"{RUN} {begun.item}")
    sweep(journal.store)
    again = journal.begin_call(begun.item)
    assert isinstance(again, Begun)
    assert not again.unsure


def test_a_call_that_counts_as_held_is_shown_and_still_asked(
    journal: Journal, server: redis.Redis
) -> None:
    begun = journal.open_call()
    note = line(begun.item, "put_off", "call")
    defer(journal.store, begun, note, delay_ms=60_000, unsure=True, burns=True, counts_held=True)
    assert read_run(journal.store, RUN).status == "held"
    assert list_run_ids(journal.store, "held") == [RUN]
    pass_time(server, f"{RUN} {begun.item}")
    sweep(journal.store)
    again = journal.begin_call(begun.item)
    assert isinstance(again, Begun)
    answer(again, "saved", journal.store)
    assert read_run(journal.store, RUN).held == 0


# --- SWEEP, LOST -----------------------------------------------------------------------------------


def test_a_lapsed_lease_is_taken_over_and_leaves_doubt(
    journal: Journal, server: redis.Redis
) -> None:
    begun = journal.open_call()
    assert sweep(journal.store) == []
    pass_time(server, f"{RUN} {begun.item}")
    (hint,) = sweep(journal.store)
    assert (hint.run, hint.item, hint.queue, hint.kind) == (RUN, begun.item, QUEUE, "call")
    assert hint.context_id == "context-1"
    again = journal.begin_call(begun.item)
    assert isinstance(again, Begun)
    assert again.token != begun.token
    assert again.unsure


def test_a_hint_older_than_the_mark_is_published_again(
    journal: Journal, server: redis.Redis
) -> None:
    started = journal.start()
    assert lost(journal.store, 1000) == []
    server.zincrby(sent_key(QUEUE), -1001, f"{RUN} {journal.root}")
    server.hset(PREFIX + "mark", QUEUE, started.at)
    (hint,) = lost(journal.store, 1000)
    assert hint.item == journal.root
    assert lost(journal.store, 1000) == []  # it was stamped anew


def test_a_mark_ahead_of_the_servers_clock_sets_off_no_storm(
    journal: Journal, server: redis.Redis
) -> None:
    started = journal.start()
    server.hset(PREFIX + "mark", QUEUE, started.at + 3_600_000)
    assert lost(journal.store, 15_000) == []


def test_a_queue_without_hints_is_no_longer_looked_at(
    journal: Journal, server: redis.Redis
) -> None:
    journal.started_root()
    assert server.smembers(PREFIX + "queues") == {QUEUE.encode()}
    lost(journal.store, 15_000)
    assert server.smembers(PREFIX + "queues") == set()


def test_without_traffic_only_the_oldest_hint_is_probed(
    journal: Journal, server: redis.Redis
) -> None:
    for n in range(3):
        Journal(journal.store, run=f"run-{n}").start()
    for n in range(3):
        server.zincrby(
            sent_key(QUEUE), -100_000 + n, f"run-{n} {Journal(journal.store, f'run-{n}').root}"
        )
    assert [hint.run for hint in lost(journal.store, 15_000)] == ["run-0"]
    assert lost(journal.store, 15_000) == []  # once per grace


def test_a_queue_that_nobody_consumes_is_not_filled_with_probes(
    journal: Journal, server: redis.Redis
) -> None:
    journal.start()
    server.zincrby(sent_key(QUEUE), -(10**9), f"{RUN} {journal.root}")
    probes, grace = [], 15_000
    for tick in range(4 * 3600):  # four hours of ticks
        probes += [tick for _ in lost(journal.store, grace)]
        raw = server.hget(PREFIX + "probe", QUEUE)
        assert isinstance(raw, bytes)
        at, wait = raw.decode().split("|")
        server.hset(PREFIX + "probe", QUEUE, f"{int(at) - 1000}|{wait}")
    assert 2 <= len(probes) <= 25
    assert probes[1] - probes[0] <= 16


def test_a_queue_that_drains_in_order_is_never_doubled(journal: Journal) -> None:
    ats = [Journal(journal.store, run=f"run-{n}").start().at for n in range(5)]
    for n in range(4):
        run = Journal(journal.store, run=f"run-{n}")
        assert isinstance(run.begin(at=ats[n]), Begun)
    assert lost(journal.store, 15_000) == []


def test_a_step_that_the_indexes_forgot_is_put_back(journal: Journal, server: redis.Redis) -> None:
    for n in range(25):
        Journal(journal.store, run=f"other-{n}").start()
    children = [call_child(0), call_child(1)]
    journal.close(journal.started_root(), children)
    journal.begin_call(children[0].item)
    assert [audit(journal.store, at) for at in (0, 10, 20)] == [(10, 0), (20, 0), (0, 0)]
    server.delete(DUE, sent_key(QUEUE))  # as a file does that was cut in the middle of a write
    assert audit(journal.store, 0) == (10, 2 + 9)
    assert sweep(journal.store)[0].item == children[0].item
    assert server.zscore(sent_key(QUEUE), f"{RUN} {children[1].item}")


# --- persons ---------------------------------------------------------------------------------------


def held_call(journal: Journal) -> Begun:  # type: ignore[type-arg]
    begun = journal.open_call()
    hold(journal.store, begun, line(begun.item, "held", "call"))
    return begun


def test_a_person_settles_a_held_call_once(journal: Journal) -> None:
    begun = held_call(journal)
    note = line(begun.item, "resolved", "decision")
    decide(journal.store, RUN, begun.item, note, flow_child(begun.item), "resolve")
    assert read_run(journal.store, RUN).status == "running"
    with pytest.raises(NotOpen, match="settled already"):
        decide(journal.store, RUN, begun.item, note, None, "resolve")
    assert read_run(journal.store, RUN).open == 1


def test_the_same_decision_sent_twice_is_one(journal: Journal) -> None:
    begun = held_call(journal)
    note = line(begun.item, "resolved", "decision")
    for _ in range(2):
        decide(journal.store, RUN, begun.item, note, flow_child(begun.item), "resolve")
    assert read_run(journal.store, RUN).open == 1
    assert len(read_record(journal.store, RUN)) == 4


def test_a_call_that_is_not_held_is_not_decided_about(journal: Journal) -> None:
    begun = journal.open_call()
    with pytest.raises(NotOpen, match="being sent"):
        decide(journal.store, RUN, begun.item, line(begun.item, "resolved"), None, "resolve")


def test_a_retry_with_the_same_key_keeps_its_age_and_its_doubt(
    journal: Journal, server: redis.Redis
) -> None:
    begun = held_call(journal)
    age(server, begun.item, hours=23.1)
    child = call_child(0, begun.item)
    decide(journal.store, RUN, begun.item, line(begun.item, "retried"), child, "same")
    again = journal.begin_call(child.item)
    assert isinstance(again, Begun)
    assert (again.old, again.unsure) == (True, True)


def test_a_step_that_failed_its_run_can_be_tried_again(journal: Journal) -> None:
    begun = journal.started_root()
    close(journal.store, begun, "execution", line(begun.item, "failed"), fails=True)
    assert read_run(journal.store, RUN).status == "failed"
    assert read_payload(journal.store, RUN, begun.item) == execution()
    child = flow_child(begun.item, "main")
    revive(journal.store, RUN, begun.item, line(begun.item, "retried", "decision"), child)
    assert read_run(journal.store, RUN).status == "running"
    again = journal.begin_flow(child.item)
    assert isinstance(again, Begun)
    journal.close(again)
    assert read_run(journal.store, RUN).status == "succeeded"
    with pytest.raises(NotOpen, match="was tried again already"):
        revive(journal.store, RUN, begun.item, line(begun.item, "retried", "decision"), child)


def test_cancelling_closes_what_has_not_begun_and_waits_for_the_rest(journal: Journal) -> None:
    children = [call_child(i) for i in range(3)]
    journal.close(journal.started_root(), children)
    begun = journal.begin_call(children[0].item)
    assert isinstance(begun, Begun)
    assert cancel(journal.store, RUN, line("", "cancelled", "cancel")) == 2
    assert read_run(journal.store, RUN).status == "running"
    assert dropped(journal.begin_call(children[1].item)) == "closed"
    assert answer(begun, "saved", journal.store).children == ()
    assert read_run(journal.store, RUN).status == "cancelled"


def test_cancelling_leaves_alone_what_the_journal_may_have_forgotten(
    journal: Journal, server: redis.Redis
) -> None:
    children = [call_child(i) for i in range(2)]
    journal.close(journal.started_root(), children)
    move_to_another_server(server, children[0].item)
    assert cancel(journal.store, RUN, line("", "cancelled", "cancel")) == 1
    assert [item.item for item in read_open_items(journal.store, RUN)] == [children[0].item]


def test_a_held_call_of_a_cancelled_run_is_resolved_but_not_tried_again(journal: Journal) -> None:
    begun = held_call(journal)
    cancel(journal.store, RUN, line("", "cancelled", "cancel"))
    note = line(begun.item, "retried", "decision")
    for mode in ("same", "new_key"):
        with pytest.raises(NotOpen, match="was cancelled"):
            decide(journal.store, RUN, begun.item, note, call_child(0, begun.item), mode)
    decide(journal.store, RUN, begun.item, note, flow_child(begun.item), "resolve")
    assert read_run(journal.store, RUN).status == "cancelled"


def test_a_run_that_ended_cannot_be_cancelled(journal: Journal) -> None:
    journal.close(journal.started_root())
    with pytest.raises(NotOpen, match="has ended"):
        cancel(journal.store, RUN, line("", "cancelled", "cancel"))


# --- reading ---------------------------------------------------------------------------------------


def test_waiters_are_told_and_none_takes_the_news_from_another(journal: Journal) -> None:
    begun = journal.started_root()
    assert not wait_done(journal.store, RUN, 0)
    journal.close(begun)
    assert all(wait_done(journal.store, RUN, 1) for _ in range(3))


def test_a_run_that_goes_on_after_held_is_waited_for_again(journal: Journal) -> None:
    begun = held_call(journal)
    assert wait_done(journal.store, RUN, 0)
    answer(begun, "saved", journal.store)
    assert not wait_done(journal.store, RUN, 0)


def test_a_run_that_is_not_there_is_not_found(journal: Journal) -> None:
    with pytest.raises(RunNotFound, match="never started, or has expired"):
        read_run(journal.store, "nope")


def test_what_is_stored_shows_no_customers_data(journal: Journal, server: redis.Redis) -> None:
    journal.open_call()
    found = everything_in(server)
    assert RUN.encode() in found
    assert b"jenny@example.com" not in found
    assert b"amount" not in found


def test_a_server_that_may_evict_is_refused(store: Store, server: redis.Redis) -> None:
    store.check_server()
    server.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(JournalError, match=r"allkeys-lru.*noeviction"):
            store.check_server()
    finally:
        server.config_set("maxmemory-policy", "noeviction")


def age(server: redis.Redis, item: str, *, hours: float) -> None:
    """As if the item had first been sent so many hours ago."""
    field = f"{item}!"
    raw = server.hget(run_key(RUN), field)
    assert isinstance(raw, bytes)
    parts = raw.decode().split("|")
    parts[5] = str(int(parts[5]) - int(hours * 3_600_000))
    server.hset(run_key(RUN), field, "|".join(parts))


def move_to_another_server(server: redis.Redis, item: str) -> None:
    """As if the item had been written on a server that is gone."""
    field = f"{item}!"
    raw = server.hget(run_key(RUN), field)
    assert isinstance(raw, bytes)
    own = str(server.info("server")["run_id"])
    assert own in raw.decode()
    server.hset(run_key(RUN), field, raw.decode().replace(own, "a" * 40))
