"""The record of a run: one short line an event, from the start to the last answer."""

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
"""`named`: a person named the object that a held call made; `refused`: that object does not fit."""


class Created(BaseModel):
    """An item that an event brought into being; `name` is its flow or operation."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    item: str
    kind: Literal["execution", "call"]
    name: str
    line: int | None = None


class Line(BaseModel):
    """An event as it is about to be recorded: all but its time, which the journal's clock gives.

    `flow` or `operation` says what it was about. `seconds` is how long the script or the request
    took. `error` is text for people, with flow and line where it came from a script. `output` is
    what a script printed. `request` and `answer` are what a person looks for in what was asked and
    answered, `params` (of the start) what the run was started with, `params_cut` whether some of it
    was left out: None where the deployment keeps none of them.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    kind: EventKind
    status: EventStatus
    item: str
    parent: str | None = None
    flow: str | None = None
    operation: str | None = None
    attempt: int = 0
    seconds: float | None = None
    object_id: str | None = None
    http_status: int | None = None
    request_id: str | None = None
    error: str | None = None
    output: str = ""
    created: tuple[Created, ...] = ()
    request: RequestDetails | None = None
    answer: AnswerDetails | None = None
    params: JSONObject | None = None
    params_cut: bool = False

    @property
    def warnings(self) -> list[str]:
        """The warnings of the engine in what a script printed: it ends with them."""
        mark = "warning: "
        return [
            line.removeprefix(mark)
            for line in self.output.splitlines()
            if line.startswith(f"{mark}flows/{self.flow}.py")
        ]

    def without_details(self) -> Self:
        """The line without what was asked, answered and handed in."""
        gone = {"request": None, "answer": None, "params": None, "params_cut": False}
        return self.model_copy(update=gone)


class Event(Line):
    """One event of a run. `time` is Redis' clock at the commit, in UTC."""

    time: datetime

    @property
    def is_wrong(self) -> bool:
        """Whether the run failed or is held by this; an error that a flow handles is not wrong."""
        if self.status == "error":
            return not self.created
        return self.status in ("failed", "held")
