"""An error of the sandbox → one of ours, with flow and line, in words that help.

What a script's author did wrong is said in terms of the script: its builders, its data, its limits.
Names of the prelude's own objects begin with `_sf_` and never get out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
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
from stripe_flows.engine.sandbox.builders import own_methods, setters
from stripe_flows.engine.sandbox.lines import line_of
from stripe_flows.engine.sandbox.prelude import answer_names
from stripe_flows.engine.sandbox.process import HOST_CALLS
from stripe_flows.engine.sandbox.reading import read
from stripe_flows.engine.sandbox.records import NEXT_PAGE
from stripe_flows.engine.scope import Limits, Scope
from stripe_flows.engine.stripe.catalog import Catalog

E = TypeVar("E", bound=ScriptError)

MAX_REASON = 2000
"""Characters of a reason: what a script raises may be of any length."""

_ATTRIBUTE = re.compile(r"'_sf_(\w+)' object has no attribute '(\w+)'")
_NAME = re.compile(r"name '(\w+)' is not defined")
_KEYWORD = re.compile(r"(\w+)\(\) got an unexpected keyword argument '(\w+)'")
_NOT_THERE = re.compile(r"The monty syntax parser does not yet support (?:the )?(.+)")
_V2 = re.compile(r"(?:new_)?v2_")
_INTERNAL = re.compile(r"'?_sf_(\w+)'?")

_OPTIONS = (
    "worker_id",
    "context_id",
    "stripe_secret",
    "params",
    "then",
    "idempotency_key",
    "stripe_account",
)


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
        limit = self._limit(kind, message, frames)
        if limit is not None:
            return self.make(LimitHit, limit, line)
        if isinstance(error, MontySyntaxError) and not _in_string(frames):
            return self.make(ScriptRejected, f"cannot be read: {message}", line)
        absent = _NOT_THERE.match(message) if kind == "NotImplementedError" else None
        if absent:
            return self.make(ScriptRejected, f"a script cannot use {absent[1]}", line)
        return self.make(ScriptFailed, self._reason(kind, message, error), line)

    def make(self, kind: type[E], reason: str, line: int | None) -> E:
        reason = redact(_INTERNAL.sub(r"\1", reason))
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

    def _reason(self, kind: str, message: str, error: MontyError) -> str:
        match kind:
            case "AttributeError":
                return self._attribute(message)
            case "NameError":
                return self._name(message)
            case "KeyError" if self._inside(error, "__getitem__"):
                return f"parsed data has no field {message!r}{nearest(message, self._fields())}"
            case "TypeError" if found := _KEYWORD.search(message):
                return self._keyword(*found.groups())
            case "ModuleNotFoundError":
                return f"a script cannot import that: {message}"
            case "PermissionError":
                return f"a script has no files: {message}"
        return f"{kind}: {message}" if message else kind

    def _attribute(self, message: str) -> str:
        if found := _ATTRIBUTE.search(message):
            kind, name = found.groups()
            if kind in self.catalog.builders:
                return self._method(kind, name)
            if kind == "Data":
                return f"parsed data has no field {name!r}{nearest(name, self._fields())}"
            return f"stripe_secret is a handle, without {name!r}"
        return f"AttributeError: {message}"

    def _method(self, builder: str, name: str) -> str:
        """Why a builder does not have a method: no such parameter, or no such verb."""
        verbs = own_methods(self.catalog.builders[builder])
        if not name.endswith("_async"):
            hint = nearest(name, [*setters(self.catalog, builder), *verbs])
            return f"{builder}() has no parameter {name!r}{hint}"
        asks = {verb.removesuffix("_async"): verb for verb in verbs if verb.endswith("_async")}
        close = get_close_matches(name.removesuffix("_async"), asks, n=1)
        listed = ", ".join(asks.values())
        hint = f"did you mean {asks[close[0]]!r}?" if close else f"it has {listed}"
        return f"{builder}() has no {name}(); {hint}"

    def _keyword(self, function: str, name: str) -> str:
        if function in self.catalog.builders:
            return f"{function}() takes ids by position, without {name!r}; setters take the rest"
        options = ["params"] if function == NEXT_PAGE else _OPTIONS
        return f"{function}() has no parameter {name!r}{nearest(name, options)}"

    def missing_builder(self, error: MontyError) -> str | None:
        """The builder that the script asked for by a name that was made while it ran."""
        found = _NAME.match(_parts(error)[1]) if isinstance(error, MontyRuntimeError) else None
        return found[1] if found is not None and found[1] in self.catalog.builders else None

    def _name(self, message: str) -> str:
        found = _NAME.match(message)
        if found is None:
            return f"NameError: {message}"
        name = found[1]
        for kind, flows in (("response", "response"), ("error", "error or unknown")):
            if name in answer_names(kind):
                return f"{name} is there only in a flow that continues a call's {flows} answer"
        if name == "call":
            return "call is there only in a flow that continues a call"
        if name == NEXT_PAGE:
            return (
                "next_page is there only in a flow that continues a list's or a search's response"
            )
        if _V2.match(name):
            return f"there is no {name}(): Stripe's API v2 is not reached, only v1"
        if name.startswith("new_"):
            return f"there is no {name}(){nearest(name, self.catalog.builders)}"
        known = {*self.catalog.builders, "worker_id", "context_id", "stripe_secret", "params"}
        if self.scope.answered is not None:
            known |= {"call", *answer_names(self.scope.answered.kind)}
        known |= read(self.source).words - {name}
        return f"{name!r} is not defined{nearest(name, known)}"

    def _inside(self, error: MontyError, function: str) -> bool:
        frames = self.frames(error)
        return any(f.line <= self.before and f.function_name == function for f in frames)

    def _fields(self) -> Iterable[str]:
        """The names of all fields of the answer, wherever they stand in it."""
        if self.scope.answered is None:
            return ()
        try:
            waiting = [json.loads(self.scope.answered.body)]
        except (ValueError, RecursionError):
            return ()
        waiting.append(self.scope.answered.call.shown())
        names: dict[str, None] = {}
        while waiting:
            value = waiting.pop(0)
            if isinstance(value, dict):
                names.update(dict.fromkeys(value))
                waiting += value.values()
            elif isinstance(value, list):
                waiting += value
        return names


def _parts(error: MontyError) -> tuple[str, str]:
    """Class name and first line of the message: `("ValueError", "no such plan")`."""
    text = str(error).strip()
    if isinstance(error, MontyRuntimeError):
        kind, _, message = error.display(format="type-msg").partition(":")
        text = message.strip()
    else:
        kind = type(error).__name__
    lines = text.splitlines()
    return kind.strip(), lines[0] if lines else ""


def _in_string(frames: list[Frame]) -> bool:
    """Whether the syntax error is in a text that the script itself tried to run."""
    return any(frame.function_name is not None for frame in frames)
