"""What the record keeps of a request and of an answer: what one looks for first, and bounded."""

from __future__ import annotations

import json

import pytest

from stripe_flows.engine.answer import Answer
from stripe_flows.engine.call import Call, SecretSource
from stripe_flows.engine.details import MAX_BYTES, answer_details, bounded, request_details
from stripe_flows.engine.types import JSONObject


def call(request: JSONObject, **more: str) -> Call:
    fields = {
        "operation": "create_payment_intent",
        "method": "POST",
        "path": "/v1/payment_intents",
        "body": "",
        "request": request,
        "stripe_version": "",
        "secret": SecretSource(kind="reference", value="STRIPE_SECRET_KEY"),
        "worker_id": "w",
        "context_id": "c",
        "params": {},
    }
    return Call.model_validate(fields | more)


def answer(kind: str, body: object) -> Answer:
    return Answer.model_validate({"kind": kind, "body": json.dumps(body), "saved": True})


def test_a_request_is_kept_with_account_and_a_key_of_its_own() -> None:
    details = request_details(call({"amount": 2000}, stripe_account="acct_1"), "order-42")
    assert details.model_dump(exclude_defaults=True) == {
        "method": "POST",
        "path": "/v1/payment_intents",
        "parameters": {"amount": 2000},
        "stripe_account": "acct_1",
        "idempotency_key": "order-42",
    }


def test_a_card_in_a_request_is_masked() -> None:
    card: JSONObject = {"number": "4242424242424242", "cvc": "123", "exp_month": 12}
    kept = request_details(call({"card": card})).model_dump_json()
    assert "42424242" not in kept
    assert "123" not in kept


@pytest.mark.parametrize(
    "value",
    [
        {"description": "x" * 100_000},
        {"line_items": [{"price": f"price_{n}", "quantity": n} for n in range(1000)]},
        {"metadata": {f"key{n}": "x" * 90 for n in range(50)}, "amount": 1},
        {f"name{n}": n for n in range(5000)},
        {"description": "ü" * 99, "metadata": {f"ü{n}": "ü" * 99 for n in range(50)}},
    ],
)
def test_a_large_request_is_cut_with_a_mark(value: JSONObject) -> None:
    kept, cut = bounded(value)
    assert cut
    text = json.dumps(kept, separators=(",", ":"), ensure_ascii=False)
    assert len(text.encode()) <= MAX_BYTES
    assert "…" in text


def test_a_request_of_usual_size_is_kept_whole() -> None:
    value: JSONObject = {"amount": 2000, "metadata": {"order": "42"}, "items": list(range(20))}
    assert bounded(value) == (value, False)


def test_of_an_object_kind_status_amounts_and_currency_are_kept() -> None:
    body = {
        "id": "pi_1",
        "object": "payment_intent",
        "status": "succeeded",
        "amount": 2000,
        "amount_received": 2000,
        "amount_capturable": 0,
        "application_fee_amount": None,
        "currency": "usd",
        "livemode": False,
        "client_secret": "pi_1_secret_2",
        "receipt_email": "jenny@example.com",
    }
    assert answer_details(answer("response", body)).model_dump(exclude_defaults=True) == {
        "object": "payment_intent",
        "status": "succeeded",
        "amounts": {"amount": 2000, "amount_received": 2000},
        "currency": "usd",
        "livemode": False,
    }


def test_of_an_error_stripes_message_and_codes_are_kept() -> None:
    error = {
        "type": "card_error",
        "message": "Your card 4242424242424242 was declined by sk_test_planted.",
        "code": "card_declined",
        "decline_code": "generic_decline",
        "advice_code": "try_again_later",
        "param": "",
        "doc_url": "https://docs.stripe.com/error-codes#card-declined",
        "request_log_url": "https://dashboard.stripe.com/test/logs/req_1",
        "payment_intent": {"id": "pi_1", "receipt_email": "jenny@example.com"},
    }
    assert answer_details(answer("error", {"error": error})).model_dump(exclude_defaults=True) == {
        "message": "Your card ••• 4242 was declined by sk_test_***.",
        "code": "card_declined",
        "decline_code": "generic_decline",
        "advice_code": "try_again_later",
        "doc_url": "https://docs.stripe.com/error-codes#card-declined",
        "request_log_url": "https://dashboard.stripe.com/test/logs/req_1",
    }


@pytest.mark.parametrize("body", [[], "x", {"amount": "many", "currency": 7, "livemode": "yes"}])
def test_an_answer_of_no_known_shape_is_kept_as_nothing(body: object) -> None:
    assert answer_details(answer("response", body)).model_dump(exclude_defaults=True) == {}
