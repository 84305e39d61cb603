"""A revoked hint puts its step off, in the record too, and its next attempt is another task."""

from __future__ import annotations

import logging

import pytest
import redis

from stripe_flows.tasks.journal.begin import Begun
from stripe_flows.tasks.journal.read import read_open_items, read_run
from stripe_flows.tasks.journal.record import read_record
from stripe_flows.tasks.journal.sweep import lost, sweep
from stripe_flows.tasks.worker.revoked import Revoked, put_off, revoked_hint
from tests.integration.journal_items import RUN, Journal, answer, call_child, dropped, pass_time


def of_root(journal: Journal, attempt: int = 1) -> Revoked:
    return Revoked(RUN, journal.root, attempt, "execution", "main", "worker@host", "order-42")


def test_a_revoked_step_is_put_off_and_says_so(
    journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    journal.start()
    with caplog.at_level(logging.WARNING):
        assert put_off(journal.store, of_root(journal))
    event = read_record(journal.store, RUN)[-1]
    assert (event.status, event.flow, event.attempt) == ("put_off", "main", 1)
    assert "the attempt was revoked" in str(event.error)
    assert "worker@host" in str(event.error)
    (logged,) = caplog.records
    assert logged.levelname == "WARNING"
    assert (logged.action, logged.run_id) == ("revoked", RUN)  # type: ignore[attr-defined]
    assert "stripe-flows cancel order-42" in logged.getMessage()
    assert logged.getMessage().endswith(
        f"[run_id={RUN} context_id=order-42 flow=main item={journal.root} attempt=1]"
    )
    assert read_run(journal.store, RUN).status == "running"
    (item,) = read_open_items(journal.store, RUN)
    assert (item.state, item.held) == ("put_off", False)
    assert item.due is not None


def test_the_next_attempt_has_a_task_id_that_is_not_revoked(
    journal: Journal, server: redis.Redis
) -> None:
    journal.start()
    put_off(journal.store, of_root(journal))
    assert lost(journal.store, lambda _: 0) == []  # it is not published again under the revoked id
    pass_time(server, f"{RUN} {journal.root}")
    (hint,) = sweep(journal.store)
    assert (hint.item_id, hint.attempt) == (journal.root, 2)
    begun = journal.begin()
    assert isinstance(begun, Begun)
    assert (begun.attempt, begun.counted) == (2, 0)


def test_a_revoked_call_was_not_sent_so_a_refusal_is_believed(
    journal: Journal, server: redis.Redis
) -> None:
    child = call_child()
    journal.close(journal.started_root(), [child])
    hint = Revoked(RUN, child.item_id, 1, "call", "create_payment_intent", "worker@host")
    assert put_off(journal.store, hint)
    pass_time(server, f"{RUN} {child.item_id}")
    sweep(journal.store)
    begun = journal.begin_call(child.item_id)
    assert isinstance(begun, Begun)
    assert (begun.unsure, begun.counted) == (False, 0)
    assert answer(begun, "unsaved", journal.store).status == "ok"


def test_an_attempt_that_began_goes_on(journal: Journal, server: redis.Redis) -> None:
    begun = journal.started_root()
    before = server.dump(f"{{sf}}:r:{RUN}")
    assert not put_off(journal.store, of_root(journal))
    assert server.dump(f"{{sf}}:r:{RUN}") == before
    assert journal.close(begun).status == "ok"


def test_a_revoked_copy_of_an_older_hint_changes_nothing(
    journal: Journal, server: redis.Redis
) -> None:
    journal.started_root()
    pass_time(server, f"{RUN} {journal.root}")
    sweep(journal.store)
    assert not put_off(journal.store, of_root(journal, attempt=1))
    assert put_off(journal.store, of_root(journal, attempt=2))


def test_revoking_twice_puts_off_once(journal: Journal) -> None:
    journal.start()
    assert put_off(journal.store, of_root(journal))
    assert not put_off(journal.store, of_root(journal))
    assert [event.status for event in read_record(journal.store, RUN)] == ["started", "put_off"]


def test_a_hint_of_another_step_than_it_says_puts_nothing_off(journal: Journal) -> None:
    journal.start()
    for kind, name in (("call", "main"), ("execution", "another")):
        assert not put_off(
            journal.store,
            Revoked(RUN, journal.root, 1, kind, name, "w"),  # type: ignore[arg-type]
        )
    assert isinstance(journal.begin(), Begun)


def test_a_copy_that_comes_early_is_dropped_and_the_step_still_goes_on(
    journal: Journal, server: redis.Redis
) -> None:
    journal.start()
    put_off(journal.store, of_root(journal))
    assert dropped(journal.begin()) == "early"
    pass_time(server, f"{RUN} {journal.root}")
    assert [hint.attempt for hint in sweep(journal.store)] == [2]


@pytest.mark.parametrize(
    ("task", "task_id", "item"),
    [
        ("stripe_flows.run_flow", "abc", "abc"),
        ("stripe_flows.run_flow", "abc.x", "abc"),
        ("stripe_flows.run_flow", "abc.1", "other"),
        ("stripe_flows.run_flow", None, "abc"),
        ("theirs.task", "abc.1", "abc"),
    ],
)
def test_what_is_no_hints_task_is_left_to_celery(task: str, task_id: str | None, item: str) -> None:
    assert revoked_hint(task, task_id, {"run": RUN, "item": item, "flow": "main"}, "w") is None


def test_the_hint_is_read_from_its_task() -> None:
    asked = {"run": RUN, "item": "abc", "operation": "anything", "context_id": "basket"}
    found = revoked_hint("stripe_flows.create_refund", "abc.3", asked, "w")
    assert found == Revoked(RUN, "abc", 3, "call", "create_refund", "w", "basket")
