"""The input and the result of an execution: plain frozen records."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from .answer import AnswerKind
from .call import Call
from .types import JSONObject


class CallFacts(BaseModel):
    """The facts about a call that its continuation sees as `call`.

    `request` is Stripe's parameters as they were sent. `http_status` and `request_id` are None when no
    answer came, `stripe_account` when the call was not for a connected account. `then` and `on_error`
    are the call's own: a flow to which several calls lead distinguishes them by these. `path` is for
    asking for its next page; scripts do not see it.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    id: str
    operation: str
    request: JSONObject
    attempts: int
    http_status: int | None = None
    request_id: str | None = None
    path: str = ""
    then: str | None = None
    on_error: str | None = None
    stripe_account: str | None = None

    def shown(self) -> JSONObject:
        """Return what a script sees as `call`."""
        return self.model_dump(mode="json", exclude={"path"})


class Answered(BaseModel):
    """The answer that an execution continues. `body` is Stripe's JSON, as a string."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    kind: AnswerKind
    body: str
    call: CallFacts


class Scope(BaseModel):
    """The names that a script finds: its own worker, context and params, and the answer if any."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    worker_id: str
    context_id: str
    params: JSONObject
    answered: Answered | None = None


class Limits(BaseModel):
    """The limits of one execution.

    `seconds` of running time, bytes of `memory`, nested function calls (`recursion`), Stripe calls, and
    bytes of `output`, which is cut there.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    seconds: float = 1.0
    memory: int = 64 * 1024 * 1024
    recursion: int = 200
    calls: int = 1000
    output: int = 65536


class Execution(BaseModel):
    """The result of one run of one script: its calls, in order, and its output.

    `warnings` are about things that look wrong and may be right, each with flow and line. The output
    ends with them.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    calls: tuple[Call, ...]
    output: str
    warnings: tuple[str, ...] = ()
