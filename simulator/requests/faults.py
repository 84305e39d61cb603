"""Faults on demand: which rule a request meets, and what each kind does.

A rule fires at one stage of a request: at its arrival (nothing is executed), before its execution,
after its effect, or at its answer (it is executed and the answer is lost). The draws are seeded, so
that a test meets the same faults each time.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import Enum
from typing import Any

from stripe_flows.engine.nearest import nearest
from stripe_flows.simulator.problems import Problem, doc_url, unauthorized
from stripe_flows.simulator.types import Fields

from .router import Router

HOLD_SECONDS = 60.0
"""Seconds that an unanswered connection stays open, if the rule has no `seconds`."""

SLOW_SECONDS = 1.0


class Stage(Enum):
    ARRIVAL = "arrival"
    EXECUTION = "execution"
    EFFECT = "effect"
    ANSWER = "answer"


KINDS: dict[str, Stage] = {
    "timeout_before": Stage.ARRIVAL,
    "reset_before": Stage.ARRIVAL,
    "conflict_409": Stage.ARRIVAL,
    "rate_429": Stage.ARRIVAL,
    "error_500_before": Stage.ARRIVAL,
    "error_503": Stage.ARRIVAL,
    "unauthorized_401": Stage.ARRIVAL,
    "forbidden_403": Stage.ARRIVAL,
    "slow": Stage.EXECUTION,
    "error_500_after": Stage.EFFECT,
    "timeout_after": Stage.ANSWER,
    "reset_after": Stage.ANSWER,
}


@dataclass
class Rule:
    """One rule.

    `times`: how often it may still fire, None for no limit. `operation`: see `Router.fits`.
    """

    kind: str
    operation: str | None = None
    times: int | None = None
    probability: float = 1.0
    seconds: float | None = None
    retry_after: float | None = None
    code: str | None = None
    should_retry: bool | None = None
    fired: int = 0

    def as_json(self) -> Fields:
        return {name: value for name, value in vars(self).items() if value is not None} | {
            "times": self.times
        }


class Faults:
    """The rules in force. The first rule that fits and whose draw succeeds fires."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._rules: list[Rule] = []
        self._random = random.Random(0)

    def seed(self, seed: int) -> None:
        self._random = random.Random(seed)

    def add(self, rules: list[Any]) -> None:
        """Append rules from JSON. Raise ValueError for the first mistake; then no rule is added."""
        self._rules += [_read_rule(rule, self._router) for rule in rules]

    def clear(self) -> None:
        self._rules.clear()

    def as_json(self) -> list[Fields]:
        return [rule.as_json() for rule in self._rules]

    def draw(self, stage: Stage, operation: str, method: str, path: str) -> Rule | None:
        """Return the rule that fires for this request at this stage, and count it."""
        for rule in self._rules:
            if KINDS[rule.kind] is not stage or rule.times == 0:
                continue
            if not self._router.fits(rule.operation, operation, method, path):
                continue
            if rule.probability < 1.0 and self._random.random() >= rule.probability:
                continue
            rule.fired += 1
            if rule.times is not None:
                rule.times -= 1
            return rule
        return None


def fault_answer(rule: Rule) -> Problem:
    """Return the error answer of a rule whose kind has one."""
    code = rule.code
    headers = {} if rule.retry_after is None else {"Retry-After": f"{rule.retry_after:g}"}
    match rule.kind:
        case "unauthorized_401":
            return unauthorized("Invalid API Key provided: ********")
        case "forbidden_403":
            kind, status = "invalid_request_error", 403
            message = (
                "The provided key 'rk_test_********' does not have the required permissions for this "
                "endpoint. Having the 'rak_payment_intent_write' permission would allow this request "
                "to continue."
            )
        case "rate_429":
            code = code or "rate_limit"
            message = (
                "Another request is changing this object at the same time. Try again later."
                if code == "lock_timeout"
                else "Too many requests in too short a time. Send them again, with growing delays."
            )
            reason = {} if code == "lock_timeout" else {"Stripe-Rate-Limited-Reason": "global-rate"}
            kind, status, headers = "invalid_request_error", 429, headers | reason
        case "conflict_409":
            code = code or "idempotency_key_in_use"
            message = "The request conflicts with another one that is being executed. Try it later."
            kind, status = "idempotency_error", 409
            if code != "idempotency_key_in_use":
                kind = "invalid_request_error"
        case "error_503":
            kind, status = "api_error", 503
            message = "The service is unavailable at this moment."
        case _:
            kind, status = "api_error", 500
            message = "An unknown error occurred."
    error: Fields = {"type": kind, "message": message}
    if code is not None:
        error |= {"code": code, "doc_url": doc_url(code)}
    after = rule.kind == "error_500_after"
    default = True if code in ("lock_timeout", "idempotency_key_in_use") else None
    should_retry = default if rule.should_retry is None else rule.should_retry
    return Problem(status, error, saved=after, should_retry=should_retry, headers=headers)


_TYPES: dict[str, tuple[type, ...]] = {
    "kind": (str,),
    "operation": (str, type(None)),
    "times": (int, type(None)),
    "probability": (int, float),
    "seconds": (int, float, type(None)),
    "retry_after": (int, float, type(None)),
    "code": (str, type(None)),
    "should_retry": (bool, type(None)),
}
_WANTED: dict[tuple[type, ...], str] = {
    (str,): "a string",
    (str, type(None)): "a string or null",
    (int, type(None)): "a whole number or null",
    (int, float): "a number",
    (int, float, type(None)): "a number or null",
    (bool, type(None)): "true, false or null",
}


def _read_rule(given: Any, router: Router) -> Rule:
    if not isinstance(given, dict):
        raise ValueError(f"a fault rule must be an object with a kind, not {given!r}")
    for name, value in given.items():
        if name not in _TYPES:
            raise ValueError(f"a fault rule has no field {name!r}{nearest(name, _TYPES)}")
        if not isinstance(value, _TYPES[name]):
            raise ValueError(
                f"{name} of a fault rule must be {_WANTED[_TYPES[name]]}, not {value!r}"
            )
    rule = Rule(**{"kind": "", **given})
    if rule.kind not in KINDS:
        raise ValueError(f"unknown fault {rule.kind!r}{nearest(rule.kind, KINDS)}")
    if not 0 <= rule.probability <= 1:
        raise ValueError(f"probability must be between 0 and 1, not {rule.probability}")
    if rule.operation is not None:
        router.check(rule.operation)
    return rule
