"""One engine for all tests here, and a short way to run a script in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from typing import Protocol

import pytest

from stripe_flows.engine.answer import AnswerKind
from stripe_flows.engine.errors import ScriptError
from stripe_flows.engine.execution import Answered, CallFacts, Engine, Execution, Limits, Scope
from stripe_flows.engine.types import JSONObject

CLOCK = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)

FLOWS = frozenset({"after_signup_response", "only_error_error", "new_create_customer_response"})

CALL = CallFacts(
    id="abc",
    operation="create_payment_intent",
    request={"amount": 2000, "currency": "usd"},
    attempts=2,
    http_status=200,
    request_id="req_1",
)


class Run(Protocol):
    def __call__(
        self,
        source: str,
        *,
        params: JSONObject | None = ...,
        answer: str | None = ...,
        kind: AnswerKind = ...,
        seed: str = ...,
        clock: datetime = ...,
    ) -> Execution: ...


def runner(engine: Engine, flow_names: Collection[str] = FLOWS) -> Run:
    def run(
        source: str,
        *,
        params: JSONObject | None = None,
        answer: str | None = None,
        kind: AnswerKind = "response",
        seed: str = "seed",
        clock: datetime = CLOCK,
    ) -> Execution:
        answered = Answered(kind=kind, body=answer, call=CALL) if answer is not None else None
        scope = Scope(
            worker_id="worker-1",
            context_id="context-1",
            params=params or {},
            answered=answered,
        )
        return engine.execute("main", source, scope, clock=clock, seed=seed, flow_names=flow_names)

    return run


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    with Engine(Limits(seconds=0.5, calls=50), processes=2) as shared:
        yield shared


@pytest.fixture
def run(engine: Engine) -> Run:
    return runner(engine)


@pytest.fixture
def error_of(run: Run) -> Callable[[str], str]:
    """The whole text of the error that a script ends with."""

    def error_of(source: str) -> str:
        with pytest.raises(ScriptError) as caught:
            run(source)
        return str(caught.value)

    return error_of
