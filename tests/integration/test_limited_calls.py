"""A 429 proves that nothing happened: it costs time, and never an attempt."""

from __future__ import annotations

import pytest

from stripe_flows.tasks.journal.read import read_open_items
from tests.integration.charging import call_of, statuses
from tests.integration.house import LOST, OK, House, refusal
from tests.integration.journal_items import age

LIMITED = refusal(429, "rate_limit")
LOCKED = refusal(429, "lock_timeout")


@pytest.mark.parametrize("kind", [LIMITED, LOCKED])
def test_too_many_requests_never_use_the_attempts_up(charging: House, kind: object) -> None:
    charging.stripe.answers += [kind] * 25  # type: ignore[list-item]
    run = charging.start()
    charging.play()
    assert run.output() == "made pi_1 in 26\n"
    assert set(statuses(run)) == {"put_off", "response"}


def test_too_many_requests_for_23_hours_end_in_the_error_flow(charging: House) -> None:
    charging.stripe.answers += [LIMITED] * 5
    run = charging.start()
    charging.drain()
    age(charging.server, call_of(run), hours=23.1, part="made_ms")
    charging.play()
    assert run.output() == "refused invalid_request_error rate_limit\n"
    assert len(charging.stripe.sent) == 2


def test_after_an_attempt_without_an_answer_23_hours_of_429_are_held(charging: House) -> None:
    charging.stripe.answers += [LOST, *[LIMITED] * 5]
    run = charging.start()
    charging.drain()
    charging.later()
    charging.drain()
    call = call_of(run)
    age(charging.server, call, hours=23.1)
    age(charging.server, call, hours=23.1, part="made_ms")
    charging.play()
    assert (run.status(), run.output()) == ("held", "")
    assert len(charging.stripe.sent) == 2


def test_a_limited_attempt_is_no_first_sending(
    charging: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    charging.stripe.answers += [LIMITED, OK]
    run = charging.start()
    charging.drain()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_rolled")
    charging.play()
    assert run.status() == "succeeded"
    assert [sent.stripe_key for sent in charging.stripe.sent] == [
        "sk_test_ofthehouse",
        "sk_test_rolled",
    ]


def test_a_limited_attempt_leaves_an_earlier_doubt_as_it_was(
    charging: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    charging.stripe.answers += [LOST, LIMITED, OK]
    run = charging.start()
    charging.drain()
    charging.later()
    charging.drain()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_rolled")
    charging.play()
    assert run.status() == "held"  # the first attempt may have been executed, under the other key


def test_a_locked_object_counts_as_sent(charging: House, monkeypatch: pytest.MonkeyPatch) -> None:
    charging.stripe.answers += [LOCKED, OK]
    run = charging.start()
    charging.drain()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_rolled")
    charging.play()
    assert run.status() == "held"


def test_a_limited_call_waits_ten_seconds_at_most(charging: House) -> None:
    charging.stripe.answers += [LIMITED] * 12
    run = charging.start()
    charging.drain()
    for _ in range(11):
        charging.later()
        charging.drain()
        (item,) = read_open_items(charging.services.store, run.id)
        assert item.due is not None
        assert (item.due - run.history()[-1].time).total_seconds() <= 10.5


def test_what_stripe_asks_to_wait_is_waited_for(charging: House) -> None:
    charging.stripe.answers.append(refusal(429, "rate_limit", retry_after="70"))
    run = charging.start()
    charging.drain()
    (item,) = read_open_items(charging.services.store, run.id)
    assert item.due is not None
    assert (item.due - run.history()[-1].time).total_seconds() == pytest.approx(70, abs=1)
