"""What an execution is given and what it gives back: plain frozen records."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from .answer import AnswerKind
from .call import Call
from .types import JSONObject


class CallFacts(BaseModel):
    """What a continuation may know of the call that it continues: the script's `call`.

    `request` is Stripe's parameters as they were sent. `http_status` and `request_id` are None
    when no answer came, `stripe_account` when it was no connected account's call. `then` and
    `on_error` are the call's own: a flow that several calls lead to tells them apart by these. `path`
    is for a next page of it; scripts do not see it.
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
        """What a script finds as `call`."""
        return self.model_dump(mode="json", exclude={"path"})


class Answered(BaseModel):
    """The answer that an execution continues. `body` is Stripe's JSON, as text."""

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
    """What one execution may use: `seconds` of running, bytes of `memory`, nested function calls
    (`recursion`), Stripe calls, and bytes of `output` (past which the output is cut)."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    seconds: float = 1.0
    memory: int = 64 * 1024 * 1024
    recursion: int = 200
    calls: int = 1000
    output: int = 65536


class Execution(BaseModel):
    """What one run of one script came to: its calls, in order, and what it printed. `warnings` is what
    may be right and looks wrong, each with flow and line; the output ends with them."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    calls: tuple[Call, ...]
    output: str
    warnings: tuple[str, ...] = ()
