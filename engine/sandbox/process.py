"""Run texts in the script processes: text and values in, value or error and printed lines out.

A text has no effect outside its process. When its process dies, the text is run again in a new one, a
few times at most. If it dies every time, the caller gets an error; the script is blamed only where the
interpreter stopped itself or had to be killed for its time.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import pydantic_monty

from stripe_flows.engine.errors import SandboxBusy, SandboxCrashed
from stripe_flows.engine.redact import redact
from stripe_flows.engine.scope import Limits
from stripe_flows.engine.types import JSONObject

TRIES = 3
"""Attempts at a text whose process dies; one less if it was too slow."""

HOST_CALLS = 100
"""Limit of round trips to the host for one text. It needs none, and each is refused."""

_GRACE = 1.0
"""Seconds past its limit after which a process is killed."""

_HANDSHAKE = 5.0
"""Seconds that one turn may take beyond the script's own time, on a busy machine."""

_PANIC = 101
"""The exit status of a Rust program that panicked: the interpreter's own fault."""

CUT = "\n[output cut: an execution may print {limit} bytes]\n"

_NO_FUNCTIONS: Mapping[str, Callable[[], None]] = {}

_log = logging.getLogger(__name__)

# Monty searches for the OpenTelemetry package three times in every run. Where it is not installed, each
# search goes through the whole import path; together they take half the time of a small script. An
# entry of None ends the search at once.
if importlib.util.find_spec("opentelemetry") is None:
    sys.modules.setdefault("opentelemetry", None)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Ran:
    """The end of a text: `value`, or `error`.

    `fault` is set when the process died every time: `time` (it had to be killed) or `panic` (the
    interpreter gave up on this text).
    """

    value: Any
    output: str
    error: pydantic_monty.MontyError | None = None
    fault: Literal["time", "panic"] | None = None


class Processes:
    """A pool of script processes; threads may share it. Make it after a fork, never before one."""

    def __init__(self, limits: Limits, *, processes: int, checkout_timeout: float) -> None:
        self._limits = limits
        self._timeout = checkout_timeout
        self._pool = pydantic_monty.Monty(
            max_processes=processes,
            checkout_timeout=checkout_timeout,
            request_timeout=limits.seconds + _HANDSHAKE,
            feed_duration_limit_grace=_GRACE,
            turn_duration_limit_grace=_GRACE,
        )
        self._pool.__enter__()
        self._closed = False
        self._resources: pydantic_monty.ResourceLimits = {
            "max_feed_duration_secs": limits.seconds,
            "max_memory": limits.memory,
            "max_recursion_depth": limits.recursion,
            "max_suspensions": HOST_CALLS,
        }

    def close(self) -> None:
        """End the processes. May be called twice."""
        self._closed = True
        self._pool.__exit__(None, None, None)

    def run(
        self,
        text: str,
        values: JSONObject,
        *,
        clock: datetime,
        seed: str,
        functions: Mapping[str, Callable[[], None]] = _NO_FUNCTIONS,
    ) -> Ran:
        """Run one text in a fresh session. `functions` are those of the host that it may call.

        Raises SandboxBusy if no process became free, SandboxCrashed if it died for a reason that is
        not the text's.
        """
        if self._closed:
            raise SandboxCrashed("the script processes have been ended")
        policy: pydantic_monty.OSPolicy = {
            "datetime": clock,
            "timezone": "utc",
            "sleep": "zero",
            "process_time": "zero",
            "random_start": {"seed": seed},
        }
        for left in reversed(range(TRIES)):
            printed = _Printed(self._limits.output)
            try:
                with self._pool.checkout(limits=self._resources, os_policy=policy) as session:
                    value = session.feed_run(
                        text,
                        inputs=values,
                        print_callback=printed,
                        external_lookup={**functions},
                    )
                return Ran(value, printed.text())
            except pydantic_monty.MontyCrashedError as error:
                action = {"action": "script_process_died", "tries_left": left}
                _log.warning("a script process died", extra=action)
                if left == 0 or (error.timed_out and left == 1):
                    return self._given_up(error, printed)
            except pydantic_monty.MontyError as error:
                return Ran(None, printed.text(), error)
            except TimeoutError:
                reason = f"no script process became free within {self._timeout:g} s"
                raise SandboxBusy(reason) from None
        raise AssertionError("unreachable")

    def _given_up(self, error: pydantic_monty.MontyCrashedError, printed: _Printed) -> Ran:
        if error.timed_out:
            return Ran(None, printed.text(), error, "time")
        if error.exit_status == _PANIC:
            return Ran(None, printed.text(), error, "panic")
        raise SandboxCrashed(f"the script's process died {TRIES} times: {error}") from None


class _Printed:
    """Keeps the output of a script up to the limit, and drops the rest as it comes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._left = limit
        self._parts: list[str] = []
        self._cut = False

    def __call__(self, stream: Literal["stdout", "stderr"], text: str) -> None:
        if self._cut:
            return
        data = text.encode()
        if len(data) > self._left:
            self._cut = True
            text = data[: self._left].decode(errors="ignore")
        self._left -= len(data)
        self._parts.append(text)

    def text(self) -> str:
        text = redact("".join(self._parts))
        return text + CUT.format(limit=self._limit) if self._cut else text
