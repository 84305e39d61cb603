"""The step that a log line is about: the same ids in `extra` and at the end of the line.

A person who reads the logs of twenty workers searches for a run, a context or an operation. So every
line about a step has them: our own lines and Celery's. The names are the caller's or ours; no value
that a customer typed and no key is ever part of a line.

A worker writes three lines a step, so this file is written for speed: a step is named once, and
Celery's usual lines are read without a parser.
"""

from __future__ import annotations

import ast
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

from celery import current_task
from celery.app import trace

from .hint import RUN_FLOW, Hint, is_hint, operation_of
from .printable import one_line

_MAX = 200
"""Characters of one name; as many as a context_id may have."""

_REMEMBERED = 1000
"""Steps that are kept, since more lines about them are likely."""

_ACTIONS: Final = {
    trace.LOG_RECEIVED.strip(): "step_received",
    trace.LOG_SUCCESS.strip(): "step_succeeded",
    trace.LOG_RETRY.strip(): "step_put_off",
    trace.LOG_IGNORED.strip(): "hint_dropped",
    trace.LOG_REJECTED.strip(): "hint_dropped",
}
"""The actions of Celery's lines, by the formats of the lines."""

_FAILURE: Final = trace.LOG_FAILURE.strip()

_FIELDS: Final[tuple[str, ...]] = ("run_id", "context_id", "flow", "operation", "item", "attempt")
_OWN: Final[tuple[str, ...]] = ("context_id", "flow", "operation", "item", "attempt", "action")

_USUAL_NAME = re.compile(r"[A-Za-z0-9_.:@/-]*")
"""Names that are shown as they are."""

_USUAL_ARGUMENTS = re.compile(
    r"\{'run': '(?P<run>[^'\\]*)', 'item': '(?P<item>[^'\\]*)', 'at': [0-9]+, "
    r"(?:'flow': '(?P<flow>[^'\\]*)'|'operation': '[^'\\]*'), "
    r"'context_id': '(?P<context_id>[^'\\]*)'\}"
)
"""The arguments of a hint as Celery shows them, where no value has a quote or an escape."""


@dataclass(frozen=True)
class LoggedStep:
    """A step as a log line names it. What is not known is None."""

    run_id: str | None
    """The id of its run."""
    context_id: str | None
    """The caller's own name for the business."""
    flow: str | None
    """The flow, where it is an execution."""
    operation: str | None
    """The operation, where it is a call."""
    item: str
    """The id of its item."""
    attempt: int | None
    """The number of the attempt."""

    @cached_property
    def fields(self) -> Mapping[str, object]:
        """The fields of a log record. Do not change them: all lines about the step share them."""
        return {name: getattr(self, name) for name in _FIELDS}

    @cached_property
    def text(self) -> str:
        """The end of a line: `[run_id=… item=… attempt=1]`."""
        known = ((name, value) for name, value in self.fields.items() if value is not None)
        return f"[{' '.join(f'{name}={_quoted(value)}' for name, value in known)}]"

    def __str__(self) -> str:
        return self.text


def step_of_hint(hint: Hint) -> LoggedStep:
    """Return the step that a hint is about."""
    return LoggedStep(
        run_id=hint.run_id,
        context_id=hint.context_id,
        flow=hint.name if hint.kind == "execution" else None,
        operation=hint.name if hint.kind == "call" else None,
        item=hint.item_id,
        attempt=hint.attempt,
    )


def log_step(log: logging.Logger, level: int, action: str, text: str, step: LoggedStep) -> None:
    """Write one line about a step. `action` is one of those that docs/operating.md lists."""
    if log.isEnabledFor(level):
        log.log(level, "%s %s", text, step, extra={"action": action, **step.fields}, stacklevel=2)


class NameStep(logging.Filter):
    """Add the step to each line about one of our tasks, whoever writes the line.

    The step is that of the task that this thread runs, or the one that Celery's line is about.
    """

    def __init__(self) -> None:
        super().__init__()
        self._received: dict[str, LoggedStep] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Complete the record. A record that goes to several handlers is completed once."""
        fields = record.__dict__
        if "run_id" in fields:
            return True
        step = _running() or self._named_by(record)
        if step is None:
            return True
        # Keys that the record has stay: a script's failure brings the flow and line of its own.
        own = {key: fields[key] for key in _OWN if key in fields}
        action = _action(record)
        if action is not None:
            fields["action"] = action
        fields.update(step.fields)
        fields.update(own)
        _append(record, step.text)
        return True

    def _named_by(self, record: logging.LogRecord) -> LoggedStep | None:
        """Return the step that the line itself names."""
        shown = record.__dict__.get("data")
        if isinstance(shown, dict):
            step = _step_of_task(
                shown.get("name"), shown.get("id"), _arguments(shown.get("kwargs"))
            )
            if step is not None and _action(record) == "step_received":
                self._remember(str(shown["id"]), step)
            return step
        # "Discarding revoked task: name[id]" and the like
        if isinstance(record.args, tuple) and len(record.args) >= 2:
            name, task_id = record.args[:2]
            found = self._received.get(task_id) if isinstance(task_id, str) else None
            return found or _step_of_task(name, task_id, {})
        return None

    def _remember(self, task_id: str, step: LoggedStep) -> None:
        # Only the thread that consumes gets here.
        while len(self._received) >= _REMEMBERED:
            self._received.pop(next(iter(self._received)), None)
        self._received[task_id] = step


def _running() -> LoggedStep | None:
    """Return the step of the task that runs in this thread."""
    task: Any = current_task._get_current_object()  # type: ignore[attr-defined]
    if task is None:
        return None
    request = task.request
    return _step_of_task(task.name, request.id, request.kwargs or {}) if request.id else None


def _step_of_task(
    name: object, task_id: object, arguments: Mapping[str, object]
) -> LoggedStep | None:
    if not isinstance(name, str) or not isinstance(task_id, str) or not is_hint(name):
        return None
    of = arguments.get
    return _step(
        name, task_id, _cut(of("run")), _cut(of("item")), _cut(of("flow")), _cut(of("context_id"))
    )


@lru_cache(maxsize=_REMEMBERED)
def _step(
    name: str,
    task_id: str,
    run_id: str | None,
    item_id: str | None,
    flow: str | None,
    context_id: str | None,
) -> LoggedStep:
    of_task_id, _, attempt = task_id.rpartition(".")
    is_flow = name == RUN_FLOW
    return LoggedStep(
        run_id=_shown(run_id),
        context_id=_shown(context_id),
        flow=_shown(flow) if is_flow else None,
        operation=None if is_flow else _shown(_cut(operation_of(name))),
        item=_shown(item_id) or _shown(_cut(of_task_id)) or "",
        attempt=int(attempt) if re.fullmatch("[0-9]{1,9}", attempt) else None,
    )


def _arguments(shown: object) -> Mapping[str, object]:
    """Read the arguments of a message from Celery's line, which has them as Python's `repr`.

    Anybody may have sent the message.
    """
    if not isinstance(shown, str):
        return {}
    usual = _USUAL_ARGUMENTS.fullmatch(shown)
    if usual is not None:
        return usual.groupdict()
    try:
        found = ast.literal_eval(shown)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def named(value: object) -> str | None:
    """Return a name from a message as a log may show it; None if there is none."""
    return _shown(_cut(value))


def _cut(value: object) -> str | None:
    return value[:_MAX] if isinstance(value, str) and value else None


def _shown(name: str | None) -> str | None:
    if name is None or _USUAL_NAME.fullmatch(name):
        return name
    return one_line(name)


def _quoted(value: object) -> str:
    text = str(value)
    if _USUAL_NAME.fullmatch(text) or not set(text) & set(' "[]='):
        return text
    return json.dumps(text, ensure_ascii=False)


def _action(record: logging.LogRecord) -> str | None:
    """Return the action of one of Celery's lines about a task."""
    if not isinstance(record.msg, str) or not record.name.startswith("celery."):
        return None
    format_ = record.msg.strip()
    known = _ACTIONS.get(format_)
    if known is None and format_ == _FAILURE:
        # Refusals and failed scripts are expected. Everything else is a fault of ours.
        return "step_failed" if record.levelno < logging.ERROR else "step_crashed"
    return known


def _append(record: logging.LogRecord, text: str) -> None:
    """Put `text` at the end of the line. The format stays a format: log collectors group by it."""
    if isinstance(record.args, Mapping) and record.args:
        record.msg = f"{record.msg} %(step)s"
        record.args = {**record.args, "step": text}
    elif record.args:
        record.msg = f"{record.msg} %s"
        record.args = (*record.args, text) if isinstance(record.args, tuple) else (text,)
    else:
        record.msg = f"{record.msg} {text}"
