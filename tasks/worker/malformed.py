"""Find malformed messages before Celery reads them, drop and count them.

A Celery worker trusts its broker: a message of `{}`, or one that is not JSON, raises in its event loop
and ends the process, and then the next process. Here such a message costs one line in the log. The
line says what is wrong and shows nothing of the message, which may hold anything.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import Counter
from collections.abc import Mapping
from types import NoneType
from typing import Any, Final

from kombu.exceptions import ContentDisallowed

from stripe_flows.engine.names import run_id_fault
from stripe_flows.tasks.hint import is_hint

log = logging.getLogger("stripe_flows.malformed")

MAX_BODY: Final = 65_536
"""The size limit of a hint's body, in bytes. A hint with the longest names has some 4,000."""

NOT_JSON: Final = "it is not JSON"
NOT_CELERY: Final = "it does not have the parts of a Celery message"
NO_TASK: Final = "it names no task"
UNKNOWN_TASK: Final = "it names a task that this worker does not have"
WRONG_HEADERS: Final = "its headers are not those of a hint"
WRONG_CONTENT: Final = "its content type is not JSON"
BODY_NOT_JSON: Final = "its body is not JSON"
WRONG_BODY: Final = "its body is not arguments, keyword arguments and nothing else"
WRONG_ARGUMENTS: Final = "its arguments are not those of a hint"
TOO_LARGE: Final = "it is larger than any hint"
WRONG_KIND: Final = "its task is not the one that does the step that it names"
NOT_READ: Final = "Celery cannot read it"
BROADCAST: Final = "it is a broadcast that Celery cannot read"

_ITEM = re.compile(r"[A-Za-z0-9]{1,64}")
_TASK_ID = re.compile(r"[A-Za-z0-9._:-]{1,255}")
_TEXT = (str, NoneType)
_HEADERS: Mapping[str, tuple[type, ...]] = {
    "eta": _TEXT,
    "expires": _TEXT,
    "retries": (int, NoneType),
    "shadow": _TEXT,
    "root_id": _TEXT,
    "parent_id": _TEXT,
    "group": _TEXT,
    "argsrepr": _TEXT,
    "kwargsrepr": _TEXT,
    "origin": _TEXT,
    "ignore_result": (bool, NoneType),
    "stamped_headers": (list, NoneType),
    "stamps": (dict, NoneType),
}


class Malformed(Exception):
    """The message is malformed. The text says what is wrong and shows nothing of the message."""


class DroppedMessages:
    """Count the messages that this process dropped, by fault."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._counting = threading.Lock()

    def add(self, fault: str) -> None:
        """Count a message, and log the first one with its fault."""
        with self._counting:
            self._counts[fault] += 1
            first, total = self._counts[fault] == 1, self._counts.total()
        if first:
            log.warning(
                "dropped a message: %s (%d dropped so far); more of this kind are only counted, "
                "as dropped_messages in `inspect stats`",
                fault,
                total,
                extra={"action": "message_dropped", "fault": fault, "dropped": total},
            )

    def counts(self) -> dict[str, int]:
        """Return how many messages with each fault were dropped since the process started."""
        with self._counting:
            return dict(self._counts)


dropped_messages = DroppedMessages()
"""The count of this process; Celery keeps such counts in `celery.worker.state`."""


def envelope_fault(raw: object) -> str | None:
    """Say what is wrong with a message as Kombu stores it in a Redis list; None if it is sound."""
    if not isinstance(raw, dict):
        return NOT_CELERY
    properties, headers = raw.get("properties"), raw.get("headers")
    if not isinstance(properties, dict) or not isinstance(headers, (dict, NoneType)):
        return NOT_CELERY
    info = properties.get("delivery_info")
    if not isinstance(properties.get("delivery_tag"), str) or not isinstance(info, dict):
        return NOT_CELERY
    if not all(isinstance(info.get(name), _TEXT) for name in ("exchange", "routing_key")):
        return NOT_CELERY
    return None


def message_fault(message: Any, tasks: Mapping[str, object]) -> str | None:
    """Say why a message must not reach Celery's worker; None if it may.

    `tasks`: those of the app. A message of our tasks must be a complete hint. A message of a task that
    somebody else added to the app only has to be readable for Celery.
    """
    headers = message.headers
    name = headers.get("task") if isinstance(headers, dict) else None
    if not isinstance(name, str):
        return NO_TASK
    if name not in tasks:
        return UNKNOWN_TASK
    hint = is_hint(name)
    if hint and len(message.body or "") > MAX_BODY:
        return TOO_LARGE
    fault = _headers_fault(headers, hint=hint)
    if fault is not None:
        return fault
    try:
        body = message.payload
    except ContentDisallowed:
        return WRONG_CONTENT
    except Exception:  # noqa: BLE001 - a decoder may raise anything
        return BODY_NOT_JSON
    return _body_fault(body, hint=hint)


def _headers_fault(headers: Mapping[str, Any], *, hint: bool) -> str | None:
    task_id = headers.get("id")
    sound = (
        isinstance(task_id, str)
        and bool(task_id)
        and all(isinstance(headers.get(name), types) for name, types in _HEADERS.items())
        and all(isinstance(name, str) for name in headers.get("stamped_headers") or ())
        and _is_time_limit(headers.get("timelimit"))
    )
    if sound and hint:
        # No hint of ours is due later, expires or has a time limit in Celery: the journal does that.
        sound = (
            _TASK_ID.fullmatch(str(task_id)) is not None
            and headers.get("shadow") is None  # another name, which logs would show
            and headers.get("eta") is None
            and headers.get("expires") is None
            and not any(headers.get("timelimit") or ())
        )
    return None if sound else WRONG_HEADERS


def _body_fault(body: object, *, hint: bool) -> str | None:
    if not isinstance(body, (list, tuple)) or len(body) != 3:
        return WRONG_BODY
    args, kwargs, embed = body
    if not isinstance(args, (list, tuple)) or not isinstance(kwargs, dict):
        return WRONG_BODY
    if not isinstance(embed, (dict, NoneType)):
        return WRONG_BODY
    if not hint:
        return None
    if any((embed or {}).values()):
        return WRONG_BODY  # a hint has no callbacks
    return WRONG_ARGUMENTS if args or not _names_an_item(kwargs) else None


def _names_an_item(kwargs: Mapping[str, object]) -> bool:
    item, at = kwargs.get("item"), kwargs.get("at")
    return (
        run_id_fault(kwargs.get("run")) is None
        and isinstance(item, str)
        and _ITEM.fullmatch(item) is not None
        and type(at) is int
        and 0 <= at < 2**53  # Lua's limit for whole numbers
        and all(isinstance(kwargs.get(name), _TEXT) for name in ("flow", "operation", "context_id"))
    )


def _is_time_limit(value: object) -> bool:
    """Return whether it is a hard and a soft limit in seconds. Each may be None."""
    if not isinstance(value, (list, tuple)):
        return value is None
    return len(value) == 2 and all(isinstance(limit, (int, float, NoneType)) for limit in value)
