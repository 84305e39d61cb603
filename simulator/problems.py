"""Error answers of Stripe, as an exception that carries the answer.

Codes, types and statuses are those of Stripe's documents "Errors" (API reference), "Error codes"
and "Idempotent requests". The messages are our own, worded like Stripe's.
"""

from __future__ import annotations

from collections.abc import Mapping

from .types import Fields


class Problem(Exception):
    """An error answer.

    `saved`: it came after execution began, so it is saved under the idempotency key. `effect`: id
    of an object that was stored all the same (a declined payment intent). `should_retry`: value of
    `Stripe-Should-Retry`, None for no header.
    """

    def __init__(
        self,
        status: int,
        error: Fields,
        *,
        saved: bool = False,
        effect: str | None = None,
        should_retry: bool | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status}: {error.get('message', '')}")
        self.status = status
        self.error = error
        self.saved = saved
        self.effect = effect
        self.should_retry = should_retry
        self.headers = dict(headers or {})


def doc_url(code: str) -> str:
    return f"https://docs.stripe.com/error-codes#{code.replace('_', '-')}"


def invalid_request(
    message: str, *, code: str | None = None, param: str | None = None, status: int = 400
) -> Problem:
    error: Fields = {"type": "invalid_request_error", "message": message}
    if code is not None:
        error |= {"code": code, "doc_url": doc_url(code)}
    if param is not None:
        error["param"] = param
    return Problem(status, error, should_retry=False)


def parameter_missing(param: str) -> Problem:
    return invalid_request(
        f"Missing required param: {param}.", code="parameter_missing", param=param
    )


def at_least(least: int, param: str) -> Problem:
    return invalid_request(
        f"This value must be greater than or equal to {least}.",
        code="parameter_invalid_integer",
        param=param,
    )


def parameter_unknown(param: str) -> Problem:
    return invalid_request(
        f"Received unknown parameter: {param}", code="parameter_unknown", param=param
    )


def resource_missing(
    noun: str, object_id: str, *, param: str = "id", in_path: bool = False
) -> Problem:
    """Return the error for a missing object: 404 if the path names it, 400 if a parameter does."""
    return invalid_request(
        f"No such {noun}: '{object_id}'",
        code="resource_missing",
        param=param,
        status=404 if in_path else 400,
    )


def account_invalid(account: str) -> Problem:
    return invalid_request(
        f"The provided key does not have access to account '{account}' (or that account does not "
        "exist). Application access may have been revoked.",
        code="account_invalid",
        status=403,
    )


def unauthorized(message: str, *, code: str | None = None) -> Problem:
    error: Fields = {"type": "invalid_request_error", "message": message}
    if code is not None:
        error |= {"code": code, "doc_url": doc_url(code)}
    challenge = {"WWW-Authenticate": 'Basic realm="Stripe"'}
    return Problem(401, error, should_retry=False, headers=challenge)


def key_reused(key: str, what: str) -> Problem:
    """Return the error for a key that was first used with other `what` (parameters, or an
    endpoint).
    """
    message = (
        f"Idempotency key '{key}' was first used with other {what}. A key stands for one request: "
        "take a new key if a different request is meant."
    )
    error: Fields = {"type": "idempotency_error", "message": message}
    return Problem(400, error, should_retry=False)


def key_in_use(key: str) -> Problem:
    message = (
        f"A request with the idempotency key '{key}' is being executed at this moment. "
        "Send it again later, or take a new key if a different request is meant."
    )
    code = "idempotency_key_in_use"
    error: Fields = {
        "type": "idempotency_error",
        "code": code,
        "doc_url": doc_url(code),
        "message": message,
    }
    return Problem(409, error, should_retry=True)
