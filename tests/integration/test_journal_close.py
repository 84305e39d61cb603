"""CLOSE, DEFER and HOLD on a real server: how a step ends, and what follows."""

from __future__ import annotations

import redis

from stripe_flows.engine.cause import Cause
from stripe_flows.engine.identity import child_id
from stripe_flows.tasks.journal.begin import Begun
from stripe_flows.tasks.journal.defer import defer, hold
from stripe_flows.tasks.journal.read import list_run_ids, read_open_items, read_run
from stripe_flows.tasks.journal.sweep import sweep
from tests.integration.journal_items import (
    RUN,
    Journal,
    answer,
    call_child,
    dropped,
    event,
    pass_time,
)

# --- CLOSE -----------------------------------------------------------------------------------------


def test_done_and_what_follows_are_one_write(journal: Journal) -> None:
    children = [call_child(0), call_child(1)]
    closed = journal.close(journal.started_root(), children)
    assert closed.children == tuple(children)
    state = read_run(journal.store, RUN)
    assert (state.open, state.calls, state.status) == (2, 2, "running")
    assert {item.item for item in read_open_items(journal.store, RUN)} == {
        child.item_id for child in children
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


def test_a_call_has_exactly_one_continuation(journal: Journal) -> None:
    begun = journal.open_call()
    assert answer(begun, "saved", journal.store).status == "ok"
    assert answer(begun, "saved", journal.store).status == "closed"
    assert read_run(journal.store, RUN).open == 1


def test_a_saved_answer_closes_from_a_worker_that_lost_its_lease(
    journal: Journal, server: redis.Redis
) -> None:
    begun = journal.open_call()
    pass_time(server, f"{RUN} {begun.item_id}")
    sweep(journal.store)
    assert answer(begun, "saved", journal.store).status == "ok"


def test_a_saved_answer_closes_a_held_call(journal: Journal) -> None:
    begun = journal.open_call()
    assert hold(journal.store, begun, event(begun.item_id, "held", "call"))
    assert read_run(journal.store, RUN).status == "held"
    assert answer(begun, "saved", journal.store).status == "ok"
    assert read_run(journal.store, RUN).status == "running"
    assert list_run_ids(journal.store, "held") == []


def test_an_unsaved_refusal_needs_the_lease(journal: Journal, server: redis.Redis) -> None:
    begun = journal.open_call()
    pass_time(server, f"{RUN} {begun.item_id}")
    sweep(journal.store)
    assert answer(begun, "unsaved", journal.store).status == "stale"


def test_an_unsaved_refusal_proves_nothing_after_an_unanswered_attempt(
    journal: Journal, server: redis.Redis
) -> None:
    begun = journal.open_call()
    pass_time(server, f"{RUN} {begun.item_id}")
    sweep(journal.store)
    again = journal.begin_call(begun.item_id)
    assert isinstance(again, Begun)
    assert again.unsure
    assert answer(again, "unsaved", journal.store).status == "unsure"


def test_a_refusal_without_an_error_flow_fails_the_run_for_good(journal: Journal) -> None:
    children = [call_child(0), call_child(1)]
    journal.close(journal.started_root(), children)
    first, second = (journal.begin_call(child.item_id) for child in children)
    assert isinstance(first, Begun)
    assert isinstance(second, Begun)
    answer(first, "unsaved", journal.store, fails=True)
    assert read_run(journal.store, RUN).status == "running"
    answer(second, "saved", journal.store)
    after = journal.begin_flow(child_id(second.item_id, "continuation", 0))
    assert isinstance(after, Begun)
    journal.close(after)
    assert read_run(journal.store, RUN).status == "failed"


# --- DEFER, HOLD -----------------------------------------------------------------------------------


def test_only_the_leases_holder_may_put_off_or_hold(journal: Journal, server: redis.Redis) -> None:
    begun = journal.open_call()
    pass_time(server, f"{RUN} {begun.item_id}")
    sweep(journal.store)
    note = event(begun.item_id, "put_off", "call")
    assert not defer(journal.store, begun, note, Cause.FAILED, delay_ms=1)
    assert not hold(journal.store, begun, note)


def test_a_call_put_off_comes_back_when_its_time_has_come(
    journal: Journal, server: redis.Redis
) -> None:
    begun = journal.open_call()
    note = event(begun.item_id, "put_off", "call")
    assert defer(journal.store, begun, note, Cause.FAILED, delay_ms=60_000)
    assert dropped(journal.begin_call(begun.item_id)) == "early"
    assert sweep(journal.store) == []
    pass_time(server, f"{RUN} {begun.item_id}")
    (hint,) = sweep(journal.store)
    assert (hint.item_id, hint.attempt, hint.name) == (begun.item_id, 2, "create_payment_intent")
    again = journal.begin_call(begun.item_id)
    assert isinstance(again, Begun)
    assert (again.attempt, again.counted, again.unsure) == (2, 1, True)
    assert again.first_ms == begun.first_ms


def test_a_refusal_for_too_many_requests_leaves_no_doubt(
    journal: Journal, server: redis.Redis
) -> None:
    begun = journal.open_call()
    note = event(begun.item_id, "put_off", "call")
    defer(journal.store, begun, note, Cause.NEVER_LEFT, delay_ms=1)
    pass_time(server, f"{RUN} {begun.item_id}")
    sweep(journal.store)
    again = journal.begin_call(begun.item_id)
    assert isinstance(again, Begun)
    assert not again.unsure


def test_a_call_that_counts_as_held_is_shown_and_still_asked(
    journal: Journal, server: redis.Redis
) -> None:
    begun = journal.open_call()
    note = event(begun.item_id, "put_off", "call")
    defer(journal.store, begun, note, Cause.FAILED, delay_ms=60_000, counts_held=True)
    assert read_run(journal.store, RUN).status == "held"
    assert list_run_ids(journal.store, "held") == [RUN]
    pass_time(server, f"{RUN} {begun.item_id}")
    sweep(journal.store)
    again = journal.begin_call(begun.item_id)
    assert isinstance(again, Begun)
    answer(again, "saved", journal.store)
    assert read_run(journal.store, RUN).held == 0
