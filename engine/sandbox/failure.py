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

from stripe_flows.engine.errors import (
    LimitHit,
    ScriptError,
    ScriptFailed,
    ScriptRejected,
    nearest,
)
from stripe_flows.engine.redact import redact
from stripe_flows.engine.sandbox import advice, asked, lacks, marks, origin
from stripe_flows.engine.sandbox.builders import CREATE, setters
from stripe_flows.engine.sandbox.habits import misread, not_there
from stripe_flows.engine.sandbox.lines import line_of
from stripe_flows.engine.sandbox.modules import cannot_import, no_member, no_module, no_part
from stripe_flows.engine.sandbox.prelude import answer_names
from stripe_flows.engine.sandbox.process import HOST_CALLS
from stripe_flows.engine.sandbox.reading import read
from stripe_flows.engine.sandbox.records import NEXT_PAGE
from stripe_flows.engine.scope import Limits, Scope
from stripe_flows.engine.stripe.catalog import Catalog

E = TypeVar("E", bound=ScriptError)

_log = logging.getLogger(__name__)

MAX_REASON = 2000
"""Characters of a reason: what a script raises may be of any length."""

_ATTRIBUTE = re.compile(r"'_sf_(\w+)' object has no attribute '(\w+)'")
_OF_PYTHON = re.compile(r"(?:type object )?'([\w.]+)'(?: object)? has no attribute '(\w+)'")
_OF_MODULE = re.compile(r"module '([\w.]+)' has no attribute '(\w+)'")
_JSON_OPTION = re.compile(r"JSONEncoder\.__init__\(\) got an unexpected keyword argument '(\w+)'")
_NAME = re.compile(r"name '(\w+)' is not defined")
_KEYWORD = re.compile(r"(?<!\w)(\w+)\(\) got an unexpected keyword argument '(\w+)'")
_POSITIONAL = re.compile(
    r"(?<!\w)(create|\w+_async)\(\) takes [^()]{0,40}positional arguments? but"
)
_MODULE = re.compile(r"No module named '([\w.]+)'")
_PART = re.compile(r"'([\w.]+)' is not supported in this environment")
_ITEM = re.compile(r"(?<!\w)'?_sf_(\w+)'? object does not support item assignment")
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
        if self._in_prelude(frames) and (assigned := marks.assigned(message)):
            line = origin.assignment_line(self.source, assigned) or line
        return self.make(ScriptFailed, self._reason(kind, message, frames, line), line)

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

    def _reason(self, kind: str, message: str, frames: list[Frame], line: int | None) -> str:
        said: str | None = None
        match kind:
            case "AttributeError":
                said = self._attribute(message, line)
            case "NameError":
                said = self._name(message)
            case "KeyError" if self._inside(frames, "__getitem__"):
                said = origin.no_field(self.source, self.scope.answered, message)
            case "KeyError" if origin.asks_params(self.source, message):
                if message not in self.scope.params:
                    said = advice.no_param(message, self.scope.params)
            case "TypeError":
                marked = marks.said(message, self.catalog) if self._in_prelude(frames) else None
                said = marked or self._type(message, line)
            case "ModuleNotFoundError" if found := _MODULE.search(message):
                said = no_module(found[1])
            case "ModuleNotFoundError" | "ImportError":
                said = cannot_import(message)
            case "PermissionError":
                said = f"a script has no files: {message}"
            case "RuntimeError" if found := _PART.match(message):
                said = no_part(found[1])
        return said or _plain(kind, message)

    def _attribute(self, message: str, line: int | None) -> str | None:
        if found := _ATTRIBUTE.search(message):
            kind, name = found.groups()
            if kind in self.catalog.builders:
                return advice.no_method(self.catalog, self.catalog.builders[kind], name)
            if kind == "Data":
                return origin.no_field(self.source, self.scope.answered, name)
            return f"stripe_secret is a handle, without {name!r}"
        if found := _OF_MODULE.search(message):
            return no_member(*found.groups())
        if found := _OF_PYTHON.search(message):
            return origin.no_attribute(self.source, line, found[1], found[2], self.catalog)
        return None

    def _type(self, message: str, line: int | None) -> str | None:
        if (found := _ITEM.search(message)) and found[1] in self.catalog.builders:
            return advice.no_item(self.catalog.builders[found[1]])
        if found := _JSON_OPTION.match(message):
            return lacks.no_json_option(found[1])
        if found := _KEYWORD.search(message):
            return self._keyword(*found.groups())
        if message == "'list' object is not an iterator":
            return lacks.NO_NEXT
        if message.startswith("callable replacement"):
            return lacks.NO_FUNCTION_IN_SUB
        if found := _POSITIONAL.search(message):
            return advice.too_many_options(found[1])
        if "_sf_Data is not JSON serializable" in message:
            return "parsed data is no dict; its to_dict() is one, and its JSON text is there too"
        if "can't be awaited" in message and (verb := origin.awaited_verb(self.source)):
            return advice.no_waiting(verb)
        return asked.taken(message, self.source, line, self.scope, self.catalog)

    def _keyword(self, function: str, name: str) -> str:
        if function in self.catalog.builders:
            return advice.no_keyword(self.catalog, self.catalog.builders[function], name)
        if function == NEXT_PAGE:
            return f"{function}() has no parameter {name!r}{nearest(name, ['params'])}"
        settable = {
            setter
            for builder in read(self.source).functions
            if builder in self.catalog.builders
            for setter in setters(self.catalog, builder)
        }
        if function == CREATE or function.endswith("_async"):
            return advice.no_option(function, name, name in settable)
        if function in settable and f".{function}" in self.source:
            return advice.no_named_value(function, name)
        return f"{function}() has no parameter {name!r}"

    def is_unknown_setter(self, error: MontyError) -> bool:
        """Whether it is the error of a builder's setter that is not there."""
        kind, message = _parts(error)
        found = _ATTRIBUTE.search(message) if kind == "AttributeError" else None
        return found is not None and found[1] in self.catalog.builders

    def missing_builder(self, error: MontyError) -> str | None:
        """The builder that the script asked for by a name that was made while it ran."""
        found = _NAME.match(_parts(error)[1]) if isinstance(error, MontyRuntimeError) else None
        return found[1] if found is not None and found[1] in self.catalog.builders else None

    def _name(self, message: str) -> str | None:
        found = _NAME.match(message)
        if found is None:
            return None
        kind = self.scope.answered.kind if self.scope.answered is not None else None
        known = {"worker_id", "context_id", "stripe_secret", "params"}
        if kind is not None:
            known |= {"call", *answer_names(kind)}
        known |= read(self.source).words - {found[1]}
        return advice.no_name(self.catalog, found[1], kind, known)

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
