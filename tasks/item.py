"""What the journal keeps for an open item: all that its task needs, and nothing else has."""

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
"""An open set: timers, awaited webhooks and joins would be further kinds."""


class ExecutionItem(BaseModel):
    """One run of one script. `flow` is its name; `script` its text where it is not a file.

    `flows_of_now`: a person tries it again, with the flows that its worker has when it first begins.
    `flow_set`: the flows of what follows from such a step, where the run has others.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    flow: str
    script: str | None = None
    worker_id: str
    context_id: str
    params: JSONObject
    secret: SecretSource
    depth: int = 0
    parent: str | None = None
    answered: Answered | None = None
    flow_set: str | None = None
    flows_of_now: bool = False


class ObjectClaim(BaseModel):
    """A person's word that a held call made an object.

    `accepts`: what the person accepted without comparison, by name; `accepts_all`: whatever it is.
    """

    model_config = ConfigDict(frozen=True)

    object_id: str
    accepts: tuple[str, ...] = ()
    accepts_all: bool = False


class CallItem(BaseModel):
    """One intended Stripe request. `call.secret` is sealed or a reference.

    `flow` is the flow that made it. `key`: the idempotency key that a person's retry goes on with.
    `flow_set`: as of an execution. `resolves`: it retrieves the object that a person named for the
    held call `parent`; it never ends in an error flow. An earlier version wrote `true` there, closed
    the held call at once and let the retrieval continue in its place, as the operation `continues`.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    call: Call
    flow: str
    depth: int
    parent: str
    continues: str | None = None
    resolves: ObjectClaim | bool = False
    key: str | None = None
    flow_set: str | None = None

    @property
    def continues_as(self) -> str:
        """The operation whose flows are looked for when the answer is there."""
        return self.continues or self.call.operation

    def continuation(self, flows: FlowSet, kind: AnswerKind) -> str | None:
        """Return the flow that continues the call with an answer of `kind`; None without one."""
        then, on_error = self.call.then, self.call.on_error
        return continuation(flows, self.continues_as, kind, then=then, on_error=on_error)

    @property
    def other_key(self) -> str | None:
        """The idempotency key, where it is not the call's id."""
        return self.key or self.call.idempotency_key

    @property
    def claim(self) -> ObjectClaim | None:
        """What a person claims, where this is the retrieval of the object."""
        return self.resolves if isinstance(self.resolves, ObjectClaim) else None

    @property
    def effect(self) -> bool:
        """Whether the request can change anything."""
        return self.call.method != "GET"
