"""One WARNING for a run that failed, is held or stuck, however often and wherever that is seen."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from stripe_flows.engine.stripe.outcomes import Reply
from stripe_flows.tasks.api.decide import retry
from tests.integration.house import LOST, House, refusal

SAVED_500 = Reply(
    500, {"Idempotent-Replayed": "true", "Request-Id": "req_5"}, '{"error": {"type": "api_error"}}'
)
HUSH = "jenny@example.com"


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> Callable[[], list[logging.LogRecord]]:
    """The warnings so far."""
    return lambda: [r for r in caplog.records if r.levelno >= logging.WARNING]


Warnings = Callable[[], list[logging.LogRecord]]


def check(record: logging.LogRecord, action: str, **named: object) -> str:
    """Hold a record to its action and the step, in `extra` and in the text; give the text."""
    fields = {"action": action, "run_id": "order-42", "context_id": "context-1", **named}
    assert {name: record.__dict__[name] for name in fields} == fields
    text = record.getMessage()
    for name in fields.keys() - {"action"}:
        assert f"{name}={fields[name]}" in text
    assert "see stripe-flows show order-42" in text
    return text


def test_a_script_that_raises_is_one_warning_without_what_it_said(
    house: House, warnings: Warnings
) -> None:
    house.flows(main=f'print(1)\nraise ValueError("{HUSH}")')
    house.start()
    house.play()
    (record,) = warnings()
    text = check(record, "run_failed", flow="main", attempt=1)
    assert text.startswith("run order-42 failed: flows/main.py:2: ValueError; see ")
    assert HUSH not in text


def test_a_refusal_without_an_error_flow_is_one_warning_for_all_of_its_run(
    house: House, warnings: Warnings
) -> None:
    call = f'new_customer().email("{HUSH}").create_async()\n'
    house.flows(main=call * 3)
    house.stripe.answers.extend(refusal(400, "email_invalid") for _ in range(3))
    run = house.start()
    house.play()
    assert run.status() == "failed"
    (record,) = warnings()
    text = check(record, "run_failed", operation="create_customer")
    assert "invalid_request_error code=email_invalid http_status=400" in text
    assert HUSH not in text


def test_a_refusal_that_a_flow_handles_is_none(charging: House, warnings: Warnings) -> None:
    charging.stripe.answers.append(refusal(402))
    charging.start()
    charging.play()
    assert warnings() == []


def test_a_call_that_stays_unanswered_is_held_once_however_often_it_is_asked(
    charging: House, warnings: Warnings
) -> None:
    charging.stripe.answers.extend([LOST] * 20)
    run = charging.start()
    charging.play(rounds=8)
    assert run.state().held == 1
    (record,) = warnings()
    text = check(record, "call_held", operation="create_payment_intent")
    assert "ReadTimeout; it is sent again" in text


def test_a_call_that_is_held_again_after_a_decision_is_told_again(
    charging: House, warnings: Warnings
) -> None:
    charging.stripe.answers.extend([SAVED_500, SAVED_500])
    run = charging.start()
    charging.play()
    (held,) = run.open_items()
    check(warnings()[0], "call_held", operation="create_payment_intent")

    retry(charging.services, run.id, held.item, "new_key")
    charging.play()
    assert run.status() == "held"
    assert [r.__dict__["action"] for r in warnings()] == ["call_held", "call_held"]


def test_a_missing_key_is_told_once_and_again_for_another_reason(
    charging: House, warnings: Warnings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STRIPE_SECRET_KEY")
    charging.start()
    charging.play(rounds=5)
    (record,) = warnings()
    text = check(record, "step_stuck", operation="create_payment_intent")
    assert "run order-42 is stuck: the variable STRIPE_SECRET_KEY is not set" in text

    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_planted")
    charging.play(rounds=5)
    texts = [r.getMessage() for r in warnings()]
    assert len(texts) == 2
    assert "STRIPE_FLOWS_ALLOW_LIVE" in texts[1]
    assert "planted" not in texts[1]


def test_a_run_that_was_cancelled_does_not_fail(charging: House, warnings: Warnings) -> None:
    house = charging
    (house.services.settings.flows_dir / "new_create_payment_intent_error.py").unlink()
    run = house.start()
    house.step()
    house.server.hset("{sf}:r:order-42", "x", 1)
    house.stripe.answers.append(refusal(402))
    house.play()
    assert run.status() == "cancelled"
    assert warnings() == []


def test_a_key_that_stripe_refuses_is_told_once_a_run(charging: House, warnings: Warnings) -> None:
    charging.stripe.answers.extend(refusal(401, "invalid_api_key") for _ in range(4))
    charging.start()
    charging.play(rounds=5)
    (record,) = warnings()
    text = check(record, "step_stuck", operation="create_payment_intent")
    assert "STRIPE_SECRET_KEY" in text
