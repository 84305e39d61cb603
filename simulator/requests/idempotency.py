"""Saved answers: a repeated idempotency key returns the first answer and executes nothing.

Rules: Stripe's document "Idempotent requests". A key belongs to an account, is kept for 24 hours
and stands for one endpoint with one set of parameters. While a request runs, its key is in use.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from stripe_flows.simulator.objects.state import State
from stripe_flows.simulator.problems import invalid_request, key_in_use, key_reused

from .form import Form

KEPT_SECONDS = 24 * 3600
MAX_LENGTH = 255


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """The first request with a key, and its answer."""

    made: float
    digest: bytes
    endpoint: str
    request_id: str
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """A key in use: by this request, and by no other until it is released."""

    key: str
    scope: str
    digest: bytes
    endpoint: str


class SavedAnswers:
    """Answers by account and key. `now` returns seconds since 1970."""

    def __init__(self, state: State, now: Callable[[], float]) -> None:
        self._state = state
        self._now = now
        self._in_flight: set[str] = set()
        self._saved = {row[0]: SavedAnswer(*row[1:]) for row in state.answers()}

    def claim(
        self, key: str, *, account: str | None, endpoint: str, form: Form
    ) -> SavedAnswer | Claim:
        """Return the saved answer, or the claim to execute. Raise `Problem` if Stripe refuses the
        key.

        `endpoint` is method and path. `account` is the connected account, None for the platform.
        """
        if len(key) > MAX_LENGTH:
            raise invalid_request(
                f"The idempotency key has {len(key)} characters; the limit is {MAX_LENGTH}."
            )
        scope = f"{account or ''}/{key}"
        digest = _digest(form)
        if scope in self._in_flight:
            raise key_in_use(key)
        saved = self._saved.get(scope)
        if saved is None or self._now() - saved.made >= KEPT_SECONDS:
            self._in_flight.add(scope)
            return Claim(key, scope, digest, endpoint)
        if saved.endpoint != endpoint:
            raise key_reused(key, f"endpoint ({saved.endpoint})")
        if saved.digest != digest:
            raise key_reused(key, "parameters")
        return saved

    def save(self, claim: Claim, *, request_id: str, status: int, body: bytes) -> None:
        answer = SavedAnswer(self._now(), claim.digest, claim.endpoint, request_id, status, body)
        self._saved[claim.scope] = answer
        self._state.put_answer(
            (claim.scope, answer.made, claim.digest, claim.endpoint, request_id, status, body)
        )

    def release(self, claim: Claim) -> None:
        self._in_flight.discard(claim.scope)

    def age(self, seconds: float) -> None:
        """Make every saved answer `seconds` older."""
        self._saved = {
            key: SavedAnswer(
                old.made - seconds, old.digest, old.endpoint, old.request_id, old.status, old.body
            )
            for key, old in self._saved.items()
        }
        self._state.age_answers(seconds)

    def clear(self) -> None:
        self._saved.clear()

    def __len__(self) -> int:
        return len(self._saved)


def _digest(form: Form) -> bytes:
    """Return a digest of the parameters, not of the bytes: their order does not matter to Stripe."""
    return hashlib.sha256(json.dumps(form, sort_keys=True).encode()).digest()
