"""Test flows: play a flow through the real engine, in process.

No Redis, no HTTP, no Celery: the test passes the answers, in the order of the calls.

    from stripe_flows.testing import error, play

    played = play("main", params={"customer": "cus_1"}, answers=[error(402, code="card_declined")])
    assert played.flows == ["main", "new_create_payment_intent_error"]
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from stripe_flows.engine.answer import Answer, error_body
from stripe_flows.engine.call import Call
from stripe_flows.engine.continuation import answered, continuation
from stripe_flows.engine.errors import InputError
from stripe_flows.engine.played import Played
from stripe_flows.tasks.extras import installed, missing

if not installed("worker"):
    raise missing("worker", "playing a flow")

from stripe_flows.engine.execution import Engine, Scope
from stripe_flows.engine.flow import FlowFolder
from stripe_flows.engine.identity import child_id, root_id

Given: TypeAlias = "Mapping[str, Any] | Answer | Callable[[Call], Mapping[str, Any] | Answer]"
"""An answer as a test passes it: a dict is the body of a 200; a function returns one for its call."""

__all__ = ["CLOCK", "Given", "Played", "error", "play", "unknown"]

CLOCK = datetime(2026, 1, 1, tzinfo=UTC)
"""The time that scripts see, unless the test passes another."""

_TYPES = {402: "card_error", 400: "invalid_request_error", 404: "invalid_request_error"}


@dataclass(frozen=True)
class _Step:
    item_id: str
    flow: str
    source: str
    scope: Scope


def play(
    flow: str | None = None,
    *,
    script: str | None = None,
    params: Mapping[str, Any] | None = None,
    answers: Sequence[Given] = (),
    worker_id: str = "default",
    context_id: str = "test",
    flows_dir: str | Path = "flows",
    clock: datetime = CLOCK,
) -> Played:
    """Play a flow to its end: the flow with this name, or the source in `script=`.

    `answers` answer the calls in the order in which they are made. Each is a dict (the body of a
    200), `error(402, code=…)`, `unknown()`, or a function from the call to one of these.

    Raises FlowNotFound, ScriptError (a script failed; with flow and line), InputError (too many or
    too few answers).
    """
    if (flow is None) == (script is None):
        raise InputError("play needs either the name of a flow or script= with the source of one")
    folder = FlowFolder(flows_dir)
    flows, sources = folder.read()
    name = flow or "script"
    source = script if script is not None else folder.source(name)
    scope = Scope(worker_id=worker_id, context_id=context_id, params=dict(params or {}))
    todo = deque([_Step(root_id("testing", "play"), name, source, scope)])
    waiting = deque(answers)
    played = Played()
    with Engine() as engine:
        while todo:
            step = todo.popleft()
            played.flows.append(step.flow)
            execution = engine.execute(
                step.flow,
                step.source,
                step.scope,
                clock=clock,
                seed=step.item_id,
                flow_names=flows,
            )
            played.output += execution.output
            played.warnings += execution.warnings
            for index, call in enumerate(execution.calls):
                played.calls.append(call)
                if not waiting:
                    raise InputError(
                        f"call {len(played.calls)} ({call.operation}, made in "
                        f"flows/{step.flow}.py:{call.line}) has no answer; {len(answers)} were passed"
                    )
                answer = _answer(waiting.popleft(), call)
                following = continuation(
                    flows, call.operation, answer.kind, then=call.then, on_error=call.on_error
                )
                if following is not None:
                    call_id = child_id(step.item_id, "call", index)
                    scope = _scope(call, call_id, answer)
                    item_id = child_id(call_id, "continuation", 0)
                    todo.append(_Step(item_id, following, sources[flows[following]], scope))
                elif answer.kind == "unknown":
                    played.held.append(call)
                elif answer.kind == "error":
                    played.unhandled.append(answer)
    if waiting:
        raise InputError(
            f"{len(answers)} answers were passed, but only {len(played.calls)} calls were made"
        )
    return played


def error(
    status: int,
    *,
    type: str | None = None,
    code: str | None = None,
    decline_code: str | None = None,
    param: str | None = None,
    message: str = "refused",
) -> Answer:
    """Return a refusal, which runs the error flow. `status` is the HTTP status, 400 to 499."""
    if not 400 <= status <= 499:
        raise InputError(f"error({status}): a refusal has a status from 400 to 499; see unknown()")
    found = {
        "type": type or _TYPES.get(status, "invalid_request_error"),
        "code": code,
        "decline_code": decline_code,
        "param": param,
        "message": message,
    }
    body = json.dumps({"error": {name: value for name, value in found.items() if value}})
    return Answer(kind="error", body=body, http_status=status)


def unknown(message: str = "no answer") -> Answer:
    """Return an unknown outcome: the call's unknown flow runs, or the call is held."""
    return Answer(kind="unknown", body=error_body("unknown", message))


def _answer(given: Given, call: Call) -> Answer:
    found = given(call) if callable(given) else given
    if isinstance(found, Answer):
        return found
    return Answer(kind="response", body=json.dumps(dict(found)), http_status=200)


def _scope(call: Call, call_id: str, answer: Answer) -> Scope:
    return Scope(
        worker_id=call.worker_id,
        context_id=call.context_id,
        params=call.params,
        answered=answered(call, call_id, answer, attempts=1),
    )
