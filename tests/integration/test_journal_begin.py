"""A run starts once, and one worker begins a step of it: on a real server."""

from __future__ import annotations

import time

import pytest
import redis

from stripe_flows.engine.errors import RunExpired
from stripe_flows.engine.identity import child_id
from stripe_flows.tasks.journal.begin import Begun
from stripe_flows.tasks.journal.keys import PREFIX, done_key, record_key, run_key
from stripe_flows.tasks.journal.read import read_run
from stripe_flows.tasks.journal.record import read_record
from stripe_flows.tasks.journal.sweep import sweep
from tests.integration.journal_items import (
    QUEUE,
    RUN,
    Journal,
    age,
    answer,
    call_child,
    dropped,
    flow_child,
    move_to_another_server,
    pass_time,
)


def everything(server: redis.Redis) -> dict[object, object]:
    """Everything that the server holds."""
    return {key: server.dump(key) for key in server.scan_iter()}


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
    later = journal.begin_flow(child.item_id, flow_set="f" * 64)
    assert isinstance(later, Begun)
    assert later.flow_set == sweep_now


def test_a_flow_set_whose_sources_are_not_stored_is_not_pinned(journal: Journal) -> None:
    journal.start()
    assert dropped(journal.begin_flow(journal.root, flow_set="f" * 64)) == "unpinned"
    assert isinstance(journal.begin(), Begun)


def test_a_hint_of_another_kind_than_its_item_begins_nothing(
    journal: Journal, server: redis.Redis
) -> None:
    child = call_child()
    journal.close(journal.started_root(), [child])
    before = everything(server)
    assert dropped(journal.begin_flow(child.item_id)) == "wrong kind"
    assert everything(server) == before
    begun = journal.begin_call(child.item_id)
    assert isinstance(begun, Begun)
    assert begun.attempt == 1


def test_a_calls_hint_that_names_an_execution_begins_nothing(
    journal: Journal, server: redis.Redis
) -> None:
    journal.start()
    before = everything(server)
    assert dropped(journal.begin_call(journal.root, operation="main")) == "wrong kind"
    assert everything(server) == before
    assert isinstance(journal.begin(), Begun)


def test_a_hint_of_another_operation_than_its_calls_begins_nothing(
    journal: Journal, server: redis.Redis
) -> None:
    child = call_child()
    journal.close(journal.started_root(), [child])
    before = everything(server)
    for operation in ("create_refund", ""):
        assert dropped(journal.begin_call(child.item_id, operation=operation)) == "wrong kind"
    assert everything(server) == before
    assert isinstance(journal.begin_call(child.item_id), Begun)


def test_a_hint_of_the_wrong_kind_does_not_move_the_mark(
    journal: Journal, server: redis.Redis
) -> None:
    journal.start()
    server.hset(PREFIX + "mark", QUEUE, 1)
    now = int(time.time() * 1000)
    assert dropped(journal.begin_call(journal.root, at=now)) == "wrong kind"
    assert server.hget(PREFIX + "mark", QUEUE) == b"1"


def test_a_begun_item_is_not_lost_to_a_hint_of_the_wrong_kind(journal: Journal) -> None:
    begun = journal.open_call()
    assert dropped(journal.begin_flow(begun.item_id)) == "wrong kind"
    assert answer(begun, "saved", journal.store).status == "ok"


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
    age(server, begun.item_id, hours=23.1)
    pass_time(server, f"{RUN} {begun.item_id}")
    sweep(journal.store)
    again = journal.begin_call(begun.item_id)
    assert isinstance(again, Begun)
    assert again.old


def test_a_call_that_another_server_knew_is_unsure(journal: Journal, server: redis.Redis) -> None:
    child = call_child()
    journal.close(journal.started_root(), [child])
    move_to_another_server(server, child.item_id)
    begun = journal.begin_call(child.item_id)
    assert isinstance(begun, Begun)
    assert begun.unsure
    assert answer(begun, "unsaved", journal.store).status == "unsure"


def test_doubt_goes_on_to_all_that_follows(journal: Journal, server: redis.Redis) -> None:
    begun = journal.started_root()
    move_to_another_server(server, begun.item_id)
    child = call_child()
    journal.close(begun, [child])
    first = journal.begin_call(child.item_id)
    assert isinstance(first, Begun)
    assert first.unsure
    answer(first, "saved", journal.store)
    after = journal.begin_flow(child_id(first.item_id, "continuation", 0))
    assert isinstance(after, Begun)
    second = call_child(0, after.item_id)
    journal.close(after, [second])
    again = journal.begin_call(second.item_id)
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
    move_to_another_server(server, child.item_id)
    own = server.info("server")["run_id"]
    server.hincrby(PREFIX + "servers", own, -24 * 3_600_000)
    begun = journal.begin_call(child.item_id)
    assert isinstance(begun, Begun)
    assert begun.old


def test_a_refusal_proves_nothing_where_the_server_changed_since_the_begin(
    journal: Journal, server: redis.Redis
) -> None:
    begun = journal.open_call()
    move_to_another_server(server, begun.item_id)
    assert answer(begun, "unsaved", journal.store).status == "unsure"
