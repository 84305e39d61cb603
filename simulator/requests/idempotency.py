"""Saved answers: the same key and parameters give the same answer, and nothing is done again.

Rules: Stripe's document "Idempotent requests". Keys belong to an account, are kept for 24 hours and
stand for one endpoint with one set of parameters; while a request runs, its key is in use.
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
    """What the first request with a key was, and what it was answered."""

    made: float
    digest: bytes
    endpoint: str
    request_id: str
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that is being used: by this request, and by no other until it is released."""

    key: str
    scope: str
    digest: bytes
    endpoint: str


class SavedAnswers:
    """Answers by account and key. `now` gives seconds since 1970."""

    def __init__(self, state: State, now: Callable[[], float]) -> None:
        self._state = state
        self._now = now
        self._in_flight: set[str] = set()
        self._saved = {row[0]: SavedAnswer(*row[1:]) for row in state.answers()}

    def claim(
        self, key: str, *, account: str | None, endpoint: str, form: Form
    ) -> SavedAnswer | Claim:
        """The saved answer, or the right to execute. Raises `Problem` where Stripe refuses the key.

        `endpoint` is method and path; `account` the connected account, None for one's own.
        """
        if len(key) > MAX_LENGTH:
            raise invalid_request(
                f"The idempotency key has {len(key)} characters; at most {MAX_LENGTH} are taken."
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
        """Let every saved answer be `seconds` older than it is."""
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
    """Of the parameters, not of the bytes: their order does not matter to Stripe."""
    return hashlib.sha256(json.dumps(form, sort_keys=True).encode()).digest()
