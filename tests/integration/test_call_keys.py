"""Which Stripe key a call is sent with, and what becomes of it without one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stripe_flows.tasks.api.decide import cancel_run, retry
from stripe_flows.tasks.attempt_end import PutOff
from stripe_flows.tasks.http.secrets import seal_literal
from stripe_flows.tasks.journal.begin import Delivery
from stripe_flows.tasks.sealing import new_key
from stripe_flows.tasks.send_request import send_request
from tests.everything import everything_in
from tests.integration.charging import call_of
from tests.integration.house import LOST, House


def test_a_call_whose_key_the_worker_lacks_is_put_off_and_says_so(
    charging: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STRIPE_SECRET_KEY")
    run = charging.start()
    charging.drain()
    assert run.status() == "running"
    assert "STRIPE_SECRET_KEY is not set on this worker" in (run.history()[-1].error or "")
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_late")
    charging.play()
    assert run.status() == "succeeded"


def test_a_live_key_is_not_sent_where_it_is_not_allowed(
    charging: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_real")
    run = charging.start()
    charging.drain()
    assert charging.stripe.sent == []
    assert "STRIPE_FLOWS_ALLOW_LIVE" in (run.history()[-1].error or "")
    assert "sk_live_real" not in str(run.history())


def test_a_key_that_was_rolled_between_attempts_holds_the_call(
    charging: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    charging.stripe.answers.append(LOST)
    run = charging.start()
    charging.drain()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_rolled")
    charging.play()
    assert run.status() == "held"
    assert len(charging.stripe.sent) == 1
    assert "key_rolled" in (run.history()[-1].error or "")


def test_a_retry_after_the_key_was_rolled_sends_nothing_to_another_account(
    charging: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    charging.stripe.answers.append(LOST)
    run = charging.start()
    charging.drain()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_rolled")
    charging.play()
    retry(charging.services, run.id, call_of(run), "same")
    charging.play()
    assert run.status() == "held"
    assert [sent.stripe_key for sent in charging.stripe.sent] == ["sk_test_ofthehouse"]


def test_an_attempt_without_a_key_is_no_first_sending(
    charging: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STRIPE_SECRET_KEY")
    run = charging.start()
    charging.drain()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_first")
    charging.stripe.answers.append(LOST)
    charging.later()
    charging.drain()
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_rolled")
    charging.play()
    assert run.status() == "held"
    assert [sent.stripe_key for sent in charging.stripe.sent] == ["sk_test_first"]


def test_a_call_that_never_had_a_key_can_be_cancelled(
    charging: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STRIPE_SECRET_KEY")
    run = charging.start()
    charging.drain()
    assert run.stuck() == (
        "create_payment_intent is put off: the variable STRIPE_SECRET_KEY is not set on this worker"
    )
    assert cancel_run(charging.services, run.id) == 1
    assert run.status() == "cancelled"


def test_a_worker_that_cannot_open_a_call_leaves_it_as_it_was(charging: House) -> None:
    run = charging.start()
    charging.step()
    stranger = replace(charging.services, store=charging.store_with(new_key()))
    hint = charging.hints.hints[0]
    end = send_request(
        stranger, Delivery(hint.run_id, hint.item_id, hint.at, hint.queue), hint.name
    )
    assert isinstance(end, PutOff)
    assert "cannot be opened" in end.reason
    charging.play()
    assert (run.status(), run.output()) == ("succeeded", "made pi_1 in 2\n")
    assert charging.stripe.sent[0].idempotency_key == call_of(run)


def test_a_sealed_key_is_opened_only_for_the_sending(charging: House) -> None:
    sealed = seal_literal("sk_test_sealed", charging.services.sealer, allow_live=False)
    assert "sk_test_sealed" not in repr(sealed)
    charging.start(secret=sealed)
    charging.play()
    assert charging.stripe.sent[0].stripe_key == "sk_test_sealed"


def test_a_key_that_stands_in_a_script_is_sealed_with_its_call(charging: House) -> None:
    source = (
        'new_payment_intent().amount(2000).currency("usd")'
        '.create_async("worker-1", "context-1", "sk_test_literal")'
    )
    charging.flows(main=source)
    charging.start()
    charging.step()
    found = everything_in(charging.server)
    assert b"create_payment_intent" in found
    assert b"sk_test_literal" not in found
    charging.play()
    assert charging.stripe.sent[0].stripe_key == "sk_test_literal"
    assert b"sk_test_literal" not in everything_in(charging.server)
