"""The table of outcomes: every status that Stripe documents, and what may follow from it.

The promise: no error flow ever runs for money that may have moved.
"""

from __future__ import annotations

import json

import pytest
from requests.structures import CaseInsensitiveDict

from stripe_flows.engine.cause import Cause, Meaning
from stripe_flows.engine.stripe.outcomes import (
    Again,
    Hold,
    NoReply,
    Outcome,
    Refused,
    Reply,
    Settled,
    outcome_of,
)


def reply(status: int, body: object = None, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    text = body if isinstance(body, str) else json.dumps(body if body is not None else {})
    return Reply(status, CaseInsensitiveDict(named), text)


def error(status: int, error_type: str, code: str | None = None, **headers: str) -> Reply:
    return reply(status, {"error": {"type": error_type, "code": code, "message": "m"}}, **headers)


def charge(attempt: Reply | NoReply) -> Outcome:
    return outcome_of(attempt, effect=True)


OK = reply(200, {"id": "pi_1"})
DECLINED = error(402, "card_error", "card_declined", Request_Id="req_1")


def test_a_success_is_a_response() -> None:
    outcome = charge(OK)
    assert isinstance(outcome, Settled)
    assert (outcome.answer.kind, outcome.answer.object_id) == ("response", "pi_1")


def test_a_decline_is_a_saved_error() -> None:
    outcome = charge(DECLINED)
    assert isinstance(outcome, Settled)
    assert outcome.answer.kind == "error"
    assert outcome.answer.reason == (
        "card_error code=card_declined http_status=402 request_id=req_1"
    )


@pytest.mark.parametrize("status", [400, 403, 404, 405, 410, 413, 415, 422])
def test_a_refusal_that_stripe_does_not_save_closes_only_without_doubt(status: int) -> None:
    outcome = charge(error(status, "invalid_request_error"))
    assert isinstance(outcome, Refused)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429])
def test_a_refusal_that_is_replayed_is_saved(status: int) -> None:
    outcome = charge(error(status, "invalid_request_error", Idempotent_Replayed="true"))
    assert isinstance(outcome, Settled)
    assert outcome.answer.kind == "error"


def test_the_same_key_with_other_parameters_holds() -> None:
    assert isinstance(charge(error(400, "idempotency_error")), Hold)


@pytest.mark.parametrize("error_type", ["idempotency_error", "invalid_request_error"])
def test_a_key_in_flight_is_asked_again_and_counts_as_no_attempt(error_type: str) -> None:
    outcome = charge(error(409, error_type, "idempotency_key_in_use"))
    assert isinstance(outcome, Again)
    assert outcome.cause is Cause.IN_FLIGHT
    assert outcome.cause.meaning == Meaning(unsure=True)


def test_too_many_requests_leave_no_doubt_and_cost_no_attempt() -> None:
    outcome = charge(error(429, "invalid_request_error", "rate_limit", Retry_After="7"))
    assert isinstance(outcome, Again)
    assert (outcome.cause, outcome.retry_after) == (Cause.LIMITED, 7.0)
    assert not outcome.cause.meaning.counts


@pytest.mark.parametrize("value", ["soon", "-3", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_retry_after_that_is_no_number_of_seconds_is_left_alone(value: str) -> None:
    outcome = charge(error(429, "invalid_request_error", Retry_After=value))
    assert isinstance(outcome, Again)
    assert outcome.retry_after is None


def test_a_retry_after_is_bounded() -> None:
    outcome = charge(error(429, "invalid_request_error", Retry_After="99999"))
    assert isinstance(outcome, Again)
    assert outcome.retry_after == 900.0


@pytest.mark.parametrize("status", [408, 409, 424, 500, 501, 502, 503, 504, 599])
def test_a_failure_that_may_have_had_an_effect_is_asked_again_in_doubt(status: int) -> None:
    outcome = charge(error(status, "api_error"))
    assert isinstance(outcome, Again)
    assert outcome.cause.meaning.unsure


@pytest.mark.parametrize(
    "headers", [{"Idempotent_Replayed": "true"}, {"Stripe_Should_Retry": "false"}]
)
def test_a_final_500_holds_and_never_runs_an_error_flow(headers: dict[str, str]) -> None:
    outcome = charge(error(500, "api_error", **headers))
    assert isinstance(outcome, Hold)
    assert outcome.answer.kind == "unknown"


def test_stripe_may_say_that_asking_again_is_of_no_use() -> None:
    outcome = charge(error(409, "invalid_request_error", Stripe_Should_Retry="false"))
    assert isinstance(outcome, Refused)


def test_too_many_requests_never_close_a_call_whatever_stripe_says_of_asking_again() -> None:
    outcome = charge(error(429, "invalid_request_error", Stripe_Should_Retry="false"))
    assert isinstance(outcome, Again)
    assert outcome.cause is Cause.LIMITED


@pytest.mark.parametrize(
    ("code", "reason", "cause"),
    [
        ("lock_timeout", None, Cause.LOCKED),
        ("rate_limit", "endpoint-rate", Cause.LIMITED),
        ("rate_limit", "resource-specific", Cause.OBJECT_LIMITED),
    ],
)
def test_each_kind_of_429_is_told_from_the_others(
    code: str, reason: str | None, cause: Cause
) -> None:
    headers = {"Stripe_Rate_Limited_Reason": reason} if reason else {}
    outcome = charge(error(429, "invalid_request_error", code, **headers))
    assert isinstance(outcome, Again)
    assert outcome.cause is cause


@pytest.mark.parametrize("headers", [{}, {"Stripe_Should_Retry": "false"}])
@pytest.mark.parametrize("effect", [True, False])
def test_a_key_that_stripe_does_not_accept_closes_no_call(
    headers: dict[str, str], effect: bool
) -> None:
    outcome = outcome_of(error(401, "invalid_request_error", **headers), effect=effect)
    assert isinstance(outcome, Again)
    assert outcome.cause is Cause.KEY_REFUSED
    assert outcome.cause.meaning == Meaning(unsent=True)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateways_failure_that_is_not_to_be_retried_holds(status: int) -> None:
    assert isinstance(charge(error(status, "api_error", Stripe_Should_Retry="false")), Hold)


def test_stripe_may_ask_to_be_asked_again() -> None:
    outcome = charge(error(400, "invalid_request_error", Stripe_Should_Retry="true"))
    assert isinstance(outcome, Again)


@pytest.mark.parametrize("body", ["", "<html>", "[]", '"text"', "null", '{"x": ' * 100_000])
def test_a_success_without_an_object_is_no_answer(body: str) -> None:
    outcome = charge(reply(200, body))
    assert isinstance(outcome, Again)
    assert outcome.cause.meaning.unsure


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_proves_nothing(status: int) -> None:
    outcome = charge(reply(status, "", Location="https://elsewhere.example"))
    assert isinstance(outcome, Again)
    assert outcome.cause.meaning.unsure


def test_an_answer_over_4_mb_holds_since_the_effect_happened() -> None:
    assert isinstance(charge(Reply(200, {}, "", too_large=True)), Hold)


@pytest.mark.parametrize("never_left", [True, False])
def test_without_an_answer_only_what_never_left_leaves_no_doubt(never_left: bool) -> None:
    outcome = charge(NoReply("ConnectTimeout", never_left))
    assert isinstance(outcome, Again)
    assert outcome.cause.meaning.unsure is not never_left
    assert json.loads(outcome.last.body)["error"]["type"] == "api_connection_error"


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_a_request_without_effect_ends_with_whatever_is_final(status: int) -> None:
    outcome = outcome_of(error(status, "api_error", Stripe_Should_Retry="false"), effect=False)
    assert isinstance(outcome, Settled)
    assert outcome.answer.kind == "error"


@pytest.mark.parametrize("body", ["", "<html>gateway</html>", '{"error": "text"}'])
def test_an_error_without_stripes_body_gets_one_in_its_shape(body: str) -> None:
    outcome = charge(reply(403, body))
    assert isinstance(outcome, Refused)
    assert json.loads(outcome.answer.body)["error"]["type"] == "api_error"


@pytest.mark.parametrize("status", range(100, 600))
def test_no_status_but_a_proven_refusal_can_run_an_error_flow(status: int) -> None:
    outcome = charge(error(status, "api_error"))
    if isinstance(outcome, Settled):
        assert 200 <= status < 300 or status == 402
    elif isinstance(outcome, Refused):
        assert 400 <= status < 500
        assert status not in (401, 402, 408, 409, 424, 429)
    else:
        assert isinstance(outcome, Again | Hold)
