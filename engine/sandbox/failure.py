"""An error of the sandbox → one of ours, with flow and line, in words that help.

What a script's author did wrong is said in terms of the script: its builders, its data, its limits.
Names of the prelude's own objects begin with `_sf_` and never get out.
"""

from __future__ import annotations

import logging
import re
import traceback
from dataclasses import dataclass
from typing import TypeVar

from pydantic_monty import Frame, MontyError, MontyRuntimeError, MontySyntaxError

from stripe_flows.engine.errors import LimitHit, ScriptError, ScriptFailed, ScriptRejected
from stripe_flows.engine.redact import redact
from stripe_flows.engine.scope import Limits, Scope
from stripe_flows.engine.stripe.catalog import Catalog

from . import marks, origin
from .habits import misread, not_there
from .lines import line_of
from .process import HOST_CALLS
from .reasons import Reasons, is_unknown_setter

E = TypeVar("E", bound=ScriptError)

_log = logging.getLogger(__name__)

MAX_REASON = 2000
"""Characters of a reason: what a script raises may be of any length."""

_NAME = re.compile(r"name '(\w+)' is not defined")
_INTERNAL = re.compile(r"'?_sf_(\w+)'?")
_INSIDE = {"Data": "parsed data", "Secret": "stripe_secret"}


@dataclass(frozen=True)
class Failure:
    """All that is needed to say what went wrong in one execution."""

    flow: str
    source: str
    scope: Scope
    limits: Limits
    catalog: Catalog
    before: int
    output: str

    def error(self, error: MontyError) -> ScriptError:
        """The error to raise."""
        kind, message = _parts(error)
        frames = self.frames(error)
        line = self.line(frames)
        try:
            return self._explained(error, kind, message, frames, line)
        except Exception as broken:  # noqa: BLE001
            # What is said of a mistake may be of no help; it may never be another mistake. The text
            # of the fault may hold pieces of the script, and stays out of the log.
            at = traceback.extract_tb(broken.__traceback__)[-1]
            extra = {
                "action": "advice_failed",
                "flow": self.flow,
                "error": type(broken).__name__,
                "place": f"{at.name}:{at.lineno}",
            }
            _log.error("an error of a script could not be explained", extra=extra)
            return self.make(ScriptFailed, _plain(kind, message), line)

    def _explained(
        self, error: MontyError, kind: str, message: str, frames: list[Frame], line: int | None
    ) -> ScriptError:
        limit = self._limit(kind, message, frames)
        if limit is not None:
            return self.make(LimitHit, limit, line)
        if isinstance(error, MontySyntaxError) and not _in_string(frames):
            return self._misread(message, frames)
        absent = not_there(message) if kind == "NotImplementedError" else None
        if absent is not None:
            return self.make(ScriptRejected, absent, line)
        marked = self._in_prelude(frames)
        if marked and (assigned := marks.assigned(message)):
            line = origin.assignment_line(self.source, assigned) or line
        said = marks.said(message, self.catalog) if marked else None
        if said is None:
            reasons = Reasons(self.source, self.scope, self.catalog, line)
            said = reasons.reason(kind, message, self._inside(frames, "__getitem__"))
        return self.make(ScriptFailed, said or _plain(kind, message), line)

    def _misread(self, message: str, frames: list[Frame]) -> ScriptRejected:
        """The error of a text that cannot be read. The sandbox may have stopped behind its end."""
        if not frames or frames[-1].line <= self.before:
            return self.make(ScriptRejected, f"cannot be read: {message}", None)
        found = misread(self.source, frames[-1].line - self.before, frames[-1].column, message)
        return self.make(ScriptRejected, f"cannot be read: {found.message}", found.line)

    def make(self, kind: type[E], reason: str, line: int | None) -> E:
        reason = redact(_INTERNAL.sub(lambda name: _INSIDE.get(name[1], name[1]), reason))
        if len(reason) > MAX_REASON:
            reason = f"{reason[:MAX_REASON]}…"
        return kind(reason, flow=self.flow, line=line, output=self.output)

    def frames(self, error: MontyError) -> list[Frame]:
        if isinstance(error, (MontyRuntimeError, MontySyntaxError)):
            return error.traceback()
        return []

    def line(self, frames: list[Frame]) -> int | None:
        """The innermost line of the script itself; None if the error names none."""
        last = self.before + self.source.count("\n") + 1
        for frame in reversed(frames):
            if frame.filename != "<string>" and frame.line > self.before:
                return line_of(self.source, frame, self.before) if frame.line <= last else None
        return None

    def _limit(self, kind: str, message: str, frames: list[Frame]) -> str | None:
        match kind:
            case "TimeoutError" if not frames and "time limit" in message:
                return f"it ran for longer than {self.limits.seconds:g} s"
            case "MemoryError":
                return f"it used more than {self.limits.memory // 2**20} MB of memory"
            case "RecursionError":
                return f"its functions call each other more than {self.limits.recursion} deep"
            case "RuntimeError" if message.startswith("suspension limit"):
                return f"it asked for more than {HOST_CALLS} things that a script cannot have"
        return None

    def is_unknown_setter(self, error: MontyError) -> bool:
        """Whether it is the error of a builder's setter that is not there."""
        return is_unknown_setter(*_parts(error), self.catalog)

    def missing_builder(self, error: MontyError) -> str | None:
        """The builder that the script asked for by a name that was made while it ran."""
        found = _NAME.match(_parts(error)[1]) if isinstance(error, MontyRuntimeError) else None
        return found[1] if found is not None and found[1] in self.catalog.builders else None

    def _in_prelude(self, frames: list[Frame]) -> bool:
        """Whether the error was raised above the script's text."""
        last = frames[-1] if frames else None
        return last is not None and last.filename != "<string>" and last.line <= self.before

    def _inside(self, frames: list[Frame], function: str) -> bool:
        return any(f.line <= self.before and f.function_name == function for f in frames)


def _parts(error: MontyError) -> tuple[str, str]:
    """Class name and first line of the message: `("ValueError", "no such plan")`.

    The message is cut where `make` cuts a reason, and so that `make` sees that it was too long.
    """
    text = str(error).strip()
    if isinstance(error, MontyRuntimeError):
        kind, _, message = error.display(format="type-msg").partition(":")
        text = message.strip()
    else:
        kind = type(error).__name__
    lines = text[: MAX_REASON + 1].splitlines()
    return kind.strip(), lines[0] if lines else ""


def _plain(kind: str, message: str) -> str:
    return f"{kind}: {message}" if message else kind


def _in_string(frames: list[Frame]) -> bool:
    """Whether the syntax error is in a text that the script itself tried to run."""
    return any(frame.function_name is not None for frame in frames)
