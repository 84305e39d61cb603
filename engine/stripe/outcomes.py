"""The table of outcomes: what came of one attempt at a request, and what to do about it.

Sources: Stripe's documents "Idempotent requests", "Error handling" and "Advanced error handling"
(`Stripe-Should-Retry`, which answers are saved under a key), and "Rate limits". The one question
behind every row: can money have moved? Where the answer is not a proven no, no error flow may run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import responses
from typing import TypeAlias

from stripe_flows.engine.answer import Answer, AnswerKind, error_body, json_object
from stripe_flows.engine.cause import Cause
from stripe_flows.engine.types import JSONObject

MAX_DELAY = 900.0
"""Seconds: the longest delay between two attempts. A longer `Retry-After` is cut to it."""


@dataclass(frozen=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    """Must find names in any case, as the headers of `requests` do."""
    body: str
    too_large: bool = False
    """The body was longer than what is read of an answer; `body` is not all of it."""


@dataclass(frozen=True)
class NoReply:
    """No HTTP answer."""

    reason: str
    """One line for people."""
    never_left: bool
    """Provably no byte of the request went out."""


Attempt: TypeAlias = Reply | NoReply


@dataclass(frozen=True)
class Settled:
    """Stripe has settled the call and keeps the answer under the key."""

    answer: Answer


@dataclass(frozen=True)
class Refused:
    """This attempt did nothing, and Stripe does not keep the refusal."""

    answer: Answer


@dataclass(frozen=True)
class Again:
    """Ask again with the same key."""

    reason: str
    """One line for people."""
    cause: Cause
    """The meaning of the attempt: see `Cause`."""
    last: Answer
    """The answer that ends the call if there is no further attempt and nothing can have happened."""
    retry_after: float | None = None
    """The seconds that Stripe asked to wait."""


@dataclass(frozen=True)
class Hold:
    """Stop asking: the outcome is unknown, and another attempt cannot clear it up."""

    answer: Answer


Outcome: TypeAlias = Settled | Refused | Again | Hold


def outcome_of(attempt: Attempt, *, effect: bool) -> Outcome:
    """Return the outcome of one attempt. `effect`: the request can change something (not a GET)."""
    if isinstance(attempt, NoReply):
        answer = Answer(
            kind="error",
            body=error_body("api_connection_error", f"Stripe did not answer: {attempt.reason}"),
        )
        cause = Cause.NEVER_LEFT if attempt.never_left else Cause.FAILED
        return Again(attempt.reason, cause, last=answer)
    outcome = _outcome_of_reply(attempt)
    if not effect:
        # Nothing can have happened, so every final outcome settles the call.
        if isinstance(outcome, Hold):
            return Settled(outcome.answer.model_copy(update={"kind": "error"}))
        if isinstance(outcome, Refused):
            return Settled(outcome.answer)
    return outcome


def _outcome_of_reply(reply: Reply) -> Outcome:
    status = reply.status
    replayed = _flag(reply.headers, "Idempotent-Replayed")
    should_retry = _flag(reply.headers, "Stripe-Should-Retry")

    if reply.too_large:
        return Hold(_answer(reply, "unknown", code="answer_too_large"))
    if 200 <= status < 300:
        if json_object(reply.body) is not None:
            return Settled(_answer(reply, "response"))
        return _again(reply, "a success without a JSON object", Cause.FAILED)
    error = _error_of(reply.body)
    if status == 409 and error.get("code") == "idempotency_key_in_use":
        return _again(reply, "an earlier attempt is still in flight", Cause.IN_FLIGHT)
    if error.get("type") == "idempotency_error":
        # The key was used with other parameters. It never means "take a new key".
        return Hold(_answer(reply, "unknown"))
    if status == 402 or (replayed and 400 <= status < 500):
        return Settled(_answer(reply, "error"))
    if status == 500 and (replayed or should_retry is False):
        return Hold(_answer(reply, "unknown"))
    if status == 401:
        return _again(reply, "Stripe does not accept the key", Cause.KEY_REFUSED)
    if status == 429:
        # It proves that nothing happened, so it never counts as an attempt, whatever
        # Stripe-Should-Retry says.
        return _again(reply, _reason_of(error, "too many requests"), _limit(reply, error))
    if should_retry is False:
        if 400 <= status < 500 and status not in (408, 424):
            return Refused(_answer(reply, "error"))
        return Hold(_answer(reply, "unknown"))
    if status in (408, 409, 424) or should_retry or not 400 <= status < 500:
        reason = _reason_of(error, responses.get(status, "not an answer of Stripe's"))
        return _again(reply, reason, Cause.FAILED)
    return Refused(_answer(reply, "error"))


def _answer(reply: Reply, kind: AnswerKind, *, code: str | None = None) -> Answer:
    body = reply.body
    if kind != "response" and not _error_of(body):
        body = error_body("api_error", f"HTTP {reply.status} without one of Stripe's errors", code)
    return Answer(
        kind=kind,
        body=body,
        http_status=reply.status,
        request_id=reply.headers.get("Request-Id"),
    )


def _limit(reply: Reply, error: JSONObject) -> Cause:
    """Return the limit that a 429 reports ("Rate limits": the header, and the code of a lock)."""
    if error.get("code") == "lock_timeout":
        return Cause.LOCKED
    reason = reply.headers.get("Stripe-Rate-Limited-Reason")
    return Cause.OBJECT_LIMITED if reason == "resource-specific" else Cause.LIMITED


def _again(reply: Reply, reason: str, cause: Cause) -> Again:
    return Again(
        reason=f"HTTP {reply.status}: {reason}",
        cause=cause,
        last=_answer(reply, "error"),
        retry_after=_retry_after(reply.headers.get("Retry-After")),
    )


def _reason_of(error: Mapping[str, object], otherwise: str) -> str:
    code = error.get("code") or error.get("type")
    return code if isinstance(code, str) else otherwise


def _flag(headers: Mapping[str, str], name: str) -> bool | None:
    value = headers.get(name)
    return None if value is None else value.strip().lower() == "true"


def _retry_after(value: str | None) -> float | None:
    try:
        seconds = float(value) if value else -1.0
    except ValueError:  # an HTTP date: Stripe sends seconds, and our own backoff will do
        return None
    return min(seconds, MAX_DELAY) if seconds >= 0 else None


def _error_of(body: str) -> JSONObject:
    error = (json_object(body) or {}).get("error")
    return error if isinstance(error, dict) else {}
