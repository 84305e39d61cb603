"""How a log names the step that a line is about: the same ids in `extra` and at the line's end.

Whoever reads the log of twenty workers looks for a run, a context or an operation: so each line that
is about a step has them, our own lines and Celery's. A name is what the caller chose or what we made;
no value that a customer typed and no key is ever part of a line.
"""

from __future__ import annotations

import ast
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from celery import current_task
from celery.app import trace

from .hint import Hint
from .printable import one_line

_TASKS = "stripe_flows."
_RUN_FLOW = _TASKS + "run_flow"

_MAX = 200
"""Characters of one name; as many as a context_id may have."""

_REMEMBERED = 1000
"""Hints that were received and of which a later line may have the id alone."""

_ACTIONS: Final = {
    trace.LOG_RECEIVED.strip(): "step_received",
    trace.LOG_SUCCESS.strip(): "step_succeeded",
    trace.LOG_RETRY.strip(): "step_put_off",
    trace.LOG_IGNORED.strip(): "hint_dropped",
    trace.LOG_REJECTED.strip(): "hint_dropped",
}
"""What Celery's lines are about, by their formats."""


@dataclass(frozen=True)
class LoggedStep:
    """What a line is about. `flow` of an execution, `operation` of a call; None: it is not known."""

    run_id: str | None
    context_id: str | None
    flow: str | None
    operation: str | None
    item: str
    attempt: int | None

    def __str__(self) -> str:
        names = ((name, value) for name, value in asdict(self).items() if value is not None)
        return f"[{' '.join(f'{name}={_plain(value)}' for name, value in names)}]"


def step_of_hint(hint: Hint) -> LoggedStep:
    """Return the step that a hint is about."""
    return LoggedStep(
        run_id=hint.run,
        context_id=hint.context_id,
        flow=hint.name if hint.kind == "execution" else None,
        operation=hint.name if hint.kind == "call" else None,
        item=hint.item,
        attempt=hint.attempt,
    )


def log_step(log: logging.Logger, level: int, action: str, text: str, step: LoggedStep) -> None:
    """Write one line about a step. `action` is one of those that docs/operating.md lists."""
    log.log(level, "%s %s", text, step, extra={"action": action, **asdict(step)}, stacklevel=2)


class NameStep(logging.Filter):
    """Adds the step to each line that is written about one of our tasks, whoever writes it.

    It knows the step from the task that this thread runs, or from what Celery's line says itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self._received: dict[str, LoggedStep] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Complete the record, once however many handlers it goes to."""
        if "run_id" in record.__dict__:
            return True
        step = self._step(record)
        if step is not None:
            # Its own keys go before: the flow of a script's failure is that of the line.
            record.__dict__.update(asdict(step) | _own(record))
            _append(record, str(step))
        return True

    def _step(self, record: logging.LogRecord) -> LoggedStep | None:
        running = _running()
        if running is not None:
            return running
        said = record.__dict__.get("data")
        if isinstance(said, dict):
            step = _step(said.get("name"), said.get("id"), _kwargs(said.get("kwargs")))
            if step is not None and _action(record) == "step_received":
                self._remember(str(said["id"]), step)
            return step
        # "Discarding revoked task: name[id]" and the like
        if isinstance(record.args, tuple) and len(record.args) >= 2:
            name, task_id = record.args[:2]
            found = self._received.get(task_id) if isinstance(task_id, str) else None
            return found or _step(name, task_id, {})
        return None

    def _remember(self, task_id: str, step: LoggedStep) -> None:
        while len(self._received) >= _REMEMBERED:
            self._received.pop(next(iter(self._received)), None)
        self._received[task_id] = step


def _running() -> LoggedStep | None:
    """The step of the task that runs in this thread."""
    task: Any = current_task._get_current_object()  # type: ignore[attr-defined]
    if task is None or not task.request.id:
        return None
    return _step(task.name, task.request.id, task.request.kwargs or {})


def _step(name: object, task_id: object, kwargs: Mapping[str, object]) -> LoggedStep | None:
    if not isinstance(name, str) or not name.startswith(_TASKS) or not isinstance(task_id, str):
        return None
    item, _, attempt = task_id.rpartition(".")
    is_flow = name == _RUN_FLOW
    return LoggedStep(
        run_id=named(kwargs.get("run")),
        context_id=named(kwargs.get("context_id")),
        flow=named(kwargs.get("flow")) if is_flow else None,
        operation=None if is_flow else named(name.removeprefix(_TASKS)),
        item=named(kwargs.get("item")) or named(item) or "",
        attempt=int(attempt) if re.fullmatch("[0-9]{1,9}", attempt) else None,
    )


def _kwargs(shown: object) -> Mapping[str, object]:
    """The arguments of a message, which Celery's line has as Python text. Anybody may have sent it."""
    try:
        found = ast.literal_eval(shown) if isinstance(shown, str) else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {}


def named(value: object) -> str | None:
    """Return a name that a message has as a log may show it; None where it has none."""
    return one_line(value[:_MAX]) if isinstance(value, str) and value else None


def _plain(value: object) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if set(text) & set(' "[]=') else text


def _own(record: logging.LogRecord) -> dict[str, object]:
    keys = ("context_id", "flow", "operation", "item", "attempt", "action")
    found = {key: record.__dict__[key] for key in keys if key in record.__dict__}
    action = _action(record)
    return {"action": action, **found} if action else found


def _action(record: logging.LogRecord) -> str | None:
    if not record.name.startswith("celery.") or not isinstance(record.msg, str):
        return None
    known = _ACTIONS.get(record.msg.strip())
    if known is None and record.msg.strip() == trace.LOG_FAILURE.strip():
        # What is expected is a refusal or a script's failure. The rest is a fault of ours.
        return "step_failed" if record.levelno < logging.ERROR else "step_crashed"
    return known


def _append(record: logging.LogRecord, text: str) -> None:
    """Put `text` at the line's end, and leave the format a format: log collectors group by it."""
    if isinstance(record.args, Mapping) and record.args:
        record.msg = f"{record.msg} %(step)s"
        record.args = {**record.args, "step": text}
    elif record.args:
        record.msg = f"{record.msg} %s"
        record.args = (*record.args, text) if isinstance(record.args, tuple) else (text,)
    else:
        record.msg = f"{record.msg} {text}"
