"""Items, as the journal keeps them while they are open: all that their tasks need."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import BaseModel, ConfigDict

from stripe_flows.engine.answer import AnswerKind
from stripe_flows.engine.call import Call, SecretSource
from stripe_flows.engine.continuation import continuation
from stripe_flows.engine.flow import FlowSet
from stripe_flows.engine.scope import Answered
from stripe_flows.engine.types import JSONObject

ItemKind: TypeAlias = Literal["execution", "call"]
"""More kinds may come: timers, awaited webhooks, joins."""


class ExecutionItem(BaseModel):
    """One run of one script."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    flow: str
    """The name of the script."""
    script: str | None = None
    """The text of a script that is not a file."""
    worker_id: str
    """The workers that carry it."""
    context_id: str
    """The caller's own name for the business."""
    params: JSONObject
    """The params of the run."""
    secret: SecretSource
    """The Stripe key of the run, sealed or as a reference."""
    depth: int = 0
    """The number of calls before it, one after another, from the start of the run."""
    parent: str | None = None
    """The id of the call that it continues."""
    answered: Answered | None = None
    """The answer that it continues with."""
    flow_set: str | None = None
    """The flow set of its branch, if a person's retry gave the branch another than the run's."""
    flows_of_now: bool = False
    """True if it takes the flows that its worker has when it first begins: a person retried it."""


class ObjectClaim(BaseModel):
    """A person's claim that a held call made an object."""

    model_config = ConfigDict(frozen=True)

    object_id: str
    """The id of the object."""
    accepts: tuple[str, ...] = ()
    """The names of what the person accepted without comparison."""
    accepts_all: bool = False
    """True if the person accepted everything that cannot be compared."""


class CallItem(BaseModel):
    """One intended Stripe request."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    call: Call
    """The request. `call.secret` is sealed or a reference."""
    flow: str
    """The flow that made it."""
    depth: int
    """The number of calls up to and with this one, one after another, from the start of the run."""
    parent: str
    """The id of the execution that made it; of a retrieval for a claim, the held call's id."""
    continues: str | None = None
    """The operation whose flows continue it, if not its own. Only an earlier version wrote this."""
    resolves: ObjectClaim | bool = False
    """The claim that it retrieves an object for. Such a call never ends in an error flow.

    An earlier version wrote `true`: it closed the held call at once, and the retrieval continued in
    its place as the operation `continues`.
    """
    key: str | None = None
    """The idempotency key that a person's retry goes on with."""
    flow_set: str | None = None
    """The flow set of its branch; see `ExecutionItem`."""

    @property
    def continues_as(self) -> str:
        """The operation whose flows continue the call."""
        return self.continues or self.call.operation

    def continuation(self, flows: FlowSet, kind: AnswerKind) -> str | None:
        """Return the flow that continues the call with an answer of `kind`; None without one."""
        then, on_error = self.call.then, self.call.on_error
        return continuation(flows, self.continues_as, kind, then=then, on_error=on_error)

    @property
    def other_key(self) -> str | None:
        """The idempotency key, if it is not the call's id."""
        return self.key or self.call.idempotency_key

    @property
    def claim(self) -> ObjectClaim | None:
        """The claim that this call retrieves an object for."""
        return self.resolves if isinstance(self.resolves, ObjectClaim) else None

    @property
    def effect(self) -> bool:
        """Return True if the request can change anything."""
        return self.call.method != "GET"
