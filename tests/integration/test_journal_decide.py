"""DECIDE, REVIVE and CANCEL on a real server: decisions of persons."""

from __future__ import annotations

import pytest
import redis

from stripe_flows.engine.errors import NotOpen
from stripe_flows.tasks.journal.begin import Begun
from stripe_flows.tasks.journal.close import Closing, close
from stripe_flows.tasks.journal.decide import cancel, decide, revive
from stripe_flows.tasks.journal.read import read_open_items, read_payload, read_run
from stripe_flows.tasks.journal.record import read_record
from tests.integration.journal_items import (
    RUN,
    Journal,
    age,
    answer,
    call_child,
    dropped,
    event,
    execution,
    flow_child,
    held_call,
    move_to_another_server,
)


def test_a_person_settles_a_held_call_once(journal: Journal) -> None:
    begun = held_call(journal)
    note = event(begun.item_id, "resolved", "decision")
    decide(journal.store, RUN, begun.item_id, note, flow_child(begun.item_id), "resolve")
    assert read_run(journal.store, RUN).status == "running"
    with pytest.raises(NotOpen, match="settled already"):
        decide(journal.store, RUN, begun.item_id, note, None, "resolve")
    assert read_run(journal.store, RUN).open == 1


def test_the_same_decision_sent_twice_is_one(journal: Journal) -> None:
    begun = held_call(journal)
    note = event(begun.item_id, "resolved", "decision")
    for _ in range(2):
        decide(journal.store, RUN, begun.item_id, note, flow_child(begun.item_id), "resolve")
    assert read_run(journal.store, RUN).open == 1
    assert len(read_record(journal.store, RUN)) == 4


def test_a_call_that_is_not_held_is_not_decided_about(journal: Journal) -> None:
    begun = journal.open_call()
    with pytest.raises(NotOpen, match="being sent"):
        decide(journal.store, RUN, begun.item_id, event(begun.item_id, "resolved"), None, "resolve")


def test_a_retry_with_the_same_key_keeps_its_age_and_its_doubt(
    journal: Journal, server: redis.Redis
) -> None:
    begun = held_call(journal)
    age(server, begun.item_id, hours=23.1)
    child = call_child(0, begun.item_id)
    decide(journal.store, RUN, begun.item_id, event(begun.item_id, "retried"), child, "same")
    again = journal.begin_call(child.item_id)
    assert isinstance(again, Begun)
    assert (again.old, again.unsure) == (True, True)


def test_a_step_that_failed_its_run_can_be_tried_again(journal: Journal) -> None:
    begun = journal.started_root()
    failed = event(begun.item_id, "failed")
    close(journal.store, begun, Closing(mode="execution", event=failed, fails=True))
    assert read_run(journal.store, RUN).status == "failed"
    assert read_payload(journal.store, RUN, begun.item_id) == execution()
    child = flow_child(begun.item_id, "main")
    revive(journal.store, RUN, begun.item_id, event(begun.item_id, "retried", "decision"), child)
    assert read_run(journal.store, RUN).status == "running"
    again = journal.begin_flow(child.item_id)
    assert isinstance(again, Begun)
    journal.close(again)
    assert read_run(journal.store, RUN).status == "succeeded"
    with pytest.raises(NotOpen, match="was tried again already"):
        revive(
            journal.store, RUN, begun.item_id, event(begun.item_id, "retried", "decision"), child
        )


def test_cancelling_closes_what_has_not_begun_and_waits_for_the_rest(journal: Journal) -> None:
    children = [call_child(i) for i in range(3)]
    journal.close(journal.started_root(), children)
    begun = journal.begin_call(children[0].item_id)
    assert isinstance(begun, Begun)
    assert cancel(journal.store, RUN, event("", "cancelled", "cancel")) == 2
    assert read_run(journal.store, RUN).status == "running"
    assert dropped(journal.begin_call(children[1].item_id)) == "closed"
    assert answer(begun, "saved", journal.store).children == ()
    assert read_run(journal.store, RUN).status == "cancelled"


def test_cancelling_leaves_alone_what_the_journal_may_have_forgotten(
    journal: Journal, server: redis.Redis
) -> None:
    children = [call_child(i) for i in range(2)]
    journal.close(journal.started_root(), children)
    move_to_another_server(server, children[0].item_id)
    assert cancel(journal.store, RUN, event("", "cancelled", "cancel")) == 1
    assert [item.item for item in read_open_items(journal.store, RUN)] == [children[0].item_id]


def test_a_held_call_of_a_cancelled_run_is_resolved_but_not_tried_again(journal: Journal) -> None:
    begun = held_call(journal)
    cancel(journal.store, RUN, event("", "cancelled", "cancel"))
    note = event(begun.item_id, "retried", "decision")
    for mode in ("same", "new_key"):
        with pytest.raises(NotOpen, match="was cancelled"):
            decide(journal.store, RUN, begun.item_id, note, call_child(0, begun.item_id), mode)
    decide(journal.store, RUN, begun.item_id, note, flow_child(begun.item_id), "resolve")
    assert read_run(journal.store, RUN).status == "cancelled"


def test_a_run_that_ended_cannot_be_cancelled(journal: Journal) -> None:
    journal.close(journal.started_root())
    with pytest.raises(NotOpen, match="has ended"):
        cancel(journal.store, RUN, event("", "cancelled", "cancel"))
