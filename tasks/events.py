"""The record of a run: its events, from the start to the last answer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict

from stripe_flows.engine.details import AnswerDetails, RequestDetails
from stripe_flows.engine.types import JSONObject

EventKind: TypeAlias = Literal["start", "execution", "call", "decision", "cancel"]
EventStatus: TypeAlias = Literal[
    "started",
    "succeeded",
    "failed",
    "response",
    "error",
    "unknown",
    "put_off",
    "stuck",
    "held",
    "named",
    "refused",
    "resolved",
    "retried",
    "cancelled",
]
"""`named`: a person named the object that a held call made. `refused`: that object does not fit."""


class Created(BaseModel):
    """An item that an event created."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    item: str
    """The id of the item."""
    kind: Literal["execution", "call"]
    """The kind of the item: the execution of a flow, or a call of an operation."""
    name: str
    """Its flow or operation."""
    line: int | None = None
    """The line of the script that made the call."""


class NewEvent(BaseModel):
    """An event before it is recorded: without its time, which the journal sets.

    A deployment with STRIPE_FLOWS_KEEP_REQUESTS=false records no `request`, `answer` and `params`.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    kind: EventKind
    """The subject of the event: an execution, a call, the run, or a person's decision."""
    status: EventStatus
    """The outcome."""
    item: str
    """The id of the item; "" for an event of the whole run."""
    parent: str | None = None
    """The id of the item that it follows."""
    flow: str | None = None
    """The flow of an execution, or the flow that made a call."""
    operation: str | None = None
    """The operation of a call."""
    attempt: int = 0
    """The number of the attempt, from 1; 0 if the event is not an attempt."""
    seconds: float | None = None
    """The time that the script or the request took, in seconds."""
    object_id: str | None = None
    """The id of the Stripe object in the response."""
    http_status: int | None = None
    """The HTTP status of Stripe's answer."""
    request_id: str | None = None
    """Stripe's id of the request, from its header `Request-Id`."""
    error: str | None = None
    """The reason, for people; with flow and line if a script failed."""
    output: str = ""
    """The lines that a script printed."""
    created: tuple[Created, ...] = ()
    """The items that follow."""
    request: RequestDetails | None = None
    """The request of a call: method, path, parameters. Long and secret values are left out."""
    answer: AnswerDetails | None = None
    """The parts of Stripe's answer that people look for: status, amounts, message."""
    params: JSONObject | None = None
    """The params that the run was started with; only at its start."""
    params_cut: bool = False
    """True if some of the params were left out."""

    @property
    def warnings(self) -> list[str]:
        """The engine's warnings, which are the last lines of a script's output."""
        mark = "warning: "
        return [
            line.removeprefix(mark)
            for line in self.output.splitlines()
            if line.startswith(f"{mark}flows/{self.flow}.py")
        ]

    def without_details(self) -> Self:
        """Return a copy without request, answer and params."""
        gone = {"request": None, "answer": None, "params": None, "params_cut": False}
        return self.model_copy(update=gone)


class Event(NewEvent):
    """One event of a run."""

    time: datetime
    """When it was committed, by Redis' clock, in UTC."""

    @property
    def is_wrong(self) -> bool:
        """Return True if it made the run fail or held it. An error that a flow handles did not."""
        if self.status == "error":
            return not self.created
        return self.status in ("failed", "held")
