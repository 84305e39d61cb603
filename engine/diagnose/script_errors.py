"""Turn an error of the sandbox into one of ours, with flow and line, in words that help.

The reason is given in terms of the script: its builders, its data, its limits. Names of the prelude's
own objects begin with `_sf_` and never get out.
"""

from __future__ import annotations

import ast
import logging
import re
import traceback
from dataclasses import dataclass
from typing import TypeVar

from pydantic_monty import Frame, MontyError, MontyRuntimeError, MontySyntaxError

from stripe_flows.engine.errors import LimitHit, ScriptError, ScriptFailed, ScriptRejected
from stripe_flows.engine.nearest import nearest
from stripe_flows.engine.redact import redact
from stripe_flows.engine.sandbox.builders import setters
from stripe_flows.engine.sandbox.pages import PAGED
from stripe_flows.engine.sandbox.prelude import answer_names
from stripe_flows.engine.sandbox.process import HOST_CALLS
from stripe_flows.engine.sandbox.reading import read
from stripe_flows.engine.sandbox.records import NEXT_PAGE
from stripe_flows.engine.sandbox.script import Failure, Script
from stripe_flows.engine.sandbox.syntax_tree import is_verb, nodes_at, nodes_of
from stripe_flows.engine.stripe.catalog import Catalog

from . import monty_messages as monty
from . import not_in_sandbox, provenance, stripe_library, wording
from .syntax_errors import explain_syntax, not_supported

E = TypeVar("E", bound=ScriptError)

_log = logging.getLogger(__name__)

MAX_REASON = 2000
"""Limit of a reason in characters: a script may raise a message of any length."""

_INTERNAL = re.compile(r"'?_sf_(\w+)'?")
_INSIDE = {"Data": "parsed data", "Secret": "stripe_secret"}

# Messages that the prelude raises itself, where it knows what is wrong.
_SET = re.compile(r"_sf_set _sf_(\w+) (\w+) (\d{1,9}) ([\w-]+)")
_NO_IDS = re.compile(r"_sf_no_ids (\w+)")
_PAGED = "_sf_paged"
_ASSIGNED = re.compile(r"_sf_assigned (\w+)")


def script_error(kind: type[E], reason: str, script: Script, output: str, line: int | None) -> E:
    """Return an error of the script, without secrets and names of the prelude, and not too long."""
    reason = redact(_INTERNAL.sub(lambda name: _INSIDE.get(name[1], name[1]), reason))
    if len(reason) > MAX_REASON:
        reason = f"{reason[:MAX_REASON]}…"
    return kind(reason, flow=script.flow, line=line, output=output)


class SandboxError:
    """One error of the sandbox, and the script that it ended."""

    def __init__(self, script: Script, failure: Failure) -> None:
        assert failure.error is not None
        self._script = script
        self._output = failure.output
        self._before = failure.before
        self._error: MontyError = failure.error
        if isinstance(self._error, MontyRuntimeError):
            said = self._error.display(format="type-msg")
            self._kind, self._message = monty.said(said, MAX_REASON)
        else:
            self._kind = type(self._error).__name__
            self._message = monty.first_line(str(self._error), MAX_REASON)
        self.frames: list[Frame] = []
        if isinstance(self._error, (MontyRuntimeError, MontySyntaxError)):
            self.frames = self._error.traceback()

    @property
    def is_time_limit(self) -> bool:
        """True if the script used up its time, and would again."""
        return self._kind == "TimeoutError"

    @property
    def is_unknown_setter(self) -> bool:
        """True if the script called a setter that the builder does not have."""
        found = monty.OWN_ATTRIBUTE.search(self._message)
        known = found is not None and found[1] in self._script.catalog.builders
        return self._kind == "AttributeError" and known

    @property
    def missing_builder(self) -> str | None:
        """The builder that the script used by a name that was made while it ran."""
        if not isinstance(self._error, MontyRuntimeError):
            return None
        found = monty.NAME.match(self._message)
        return found[1] if found and found[1] in self._script.catalog.builders else None

    @property
    def line(self) -> int | None:
        """The innermost line of the script itself; None if the error names none."""
        source = self._script.source
        last = self._before + source.count("\n") + 1
        for frame in reversed(self.frames):
            if frame.filename != "<string>" and frame.line > self._before:
                return _line_of(source, frame, self._before) if frame.line <= last else None
        return None

    def explained(self) -> ScriptError:
        """Return the error to raise."""
        try:
            return self._explained()
        except Exception as broken:  # noqa: BLE001
            # An explanation that fails must not hide the script's error. Its text may hold pieces of
            # the script, and stays out of the log.
            at = traceback.extract_tb(broken.__traceback__)[-1]
            extra = {
                "action": "advice_failed",
                "flow": self._script.flow,
                "error": type(broken).__name__,
                "place": f"{at.name}:{at.lineno}",
            }
            _log.error("an error of a script could not be explained", extra=extra)
            return self._made(ScriptFailed, self._plain(), self.line)

    def _explained(self) -> ScriptError:
        line = self.line
        limit = self._limit()
        if limit is not None:
            return self._made(LimitHit, limit, line)
        # A syntax error in a function is one of a string that the script itself tried to run.
        if isinstance(self._error, MontySyntaxError) and not any(
            frame.function_name is not None for frame in self.frames
        ):
            return self._syntax_error()
        if self._kind == "NotImplementedError" and (absent := not_supported(self._message)):
            return self._made(ScriptRejected, absent, line)
        reason: str | None = None
        if self._is_in_prelude():
            if assigned := _ASSIGNED.match(self._message):
                line = provenance.assignment_line(self._script.source, assigned[1]) or line
            reason = self._mark()
        if reason is None:
            of_data = any(
                frame.line <= self._before and frame.function_name == "__getitem__"
                for frame in self.frames
            )
            reason = Reasons(self._script, line).reason(self._kind, self._message, of_data)
        return self._made(ScriptFailed, reason or self._plain(), line)

    def _syntax_error(self) -> ScriptRejected:
        """Return the error of a text that cannot be read. Monty may have stopped after its end."""
        last = self.frames[-1] if self.frames else None
        if last is None or last.line <= self._before:
            return self._made(ScriptRejected, f"cannot be read: {self._message}", None)
        line = last.line - self._before
        found = explain_syntax(self._script.source, line, last.column, self._message)
        return self._made(ScriptRejected, f"cannot be read: {found.message}", found.line)

    def _limit(self) -> str | None:
        limits, message = self._script.limits, self._message
        match self._kind:
            case "TimeoutError" if not self.frames and monty.TIME_LIMIT.search(message):
                return f"it ran for longer than {limits.seconds:g} s"
            case "MemoryError":
                return f"it used more than {limits.memory // 2**20} MB of memory"
            case "RecursionError":
                return f"its functions call each other more than {limits.recursion} deep"
            case "RuntimeError" if monty.HOST_CALL_LIMIT.match(message):
                return f"it asked for more than {HOST_CALLS} things that a script cannot have"
        return None

    def _mark(self) -> str | None:
        """Return the reason for a message of the prelude; None for any other message."""
        message, catalog = self._message, self._script.catalog
        if found := _SET.match(message):
            builder, setter, values, named = found.groups()
            if named != "-":
                return wording.no_named_value(setter, named)
            return wording.one_value(catalog, catalog.builders.get(builder), setter, int(values))
        if message == _PAGED:
            return PAGED
        if found := _NO_IDS.match(message):
            known = catalog.builders.get(found[1])
            return wording.no_ids(catalog, known) if known is not None else None
        found = _ASSIGNED.match(message)
        return wording.no_setting(found[1]) if found else None

    def _is_in_prelude(self) -> bool:
        """Return whether the error was raised above the script's text."""
        last = self.frames[-1] if self.frames else None
        return last is not None and last.filename != "<string>" and last.line <= self._before

    def _plain(self) -> str:
        return f"{self._kind}: {self._message}" if self._message else self._kind

    def _made(self, kind: type[E], reason: str, line: int | None) -> E:
        return script_error(kind, reason, self._script, self._output, line)


@dataclass(frozen=True)
class Reasons:
    """The reasons for an error on `line` of a script; None if the line is not known."""

    script: Script
    line: int | None

    @property
    def _source(self) -> str:
        return self.script.source

    @property
    def _catalog(self) -> Catalog:
        return self.script.catalog

    def reason(self, kind: str, message: str, of_data: bool) -> str | None:
        """Return the reason for an error of class `kind`; None if its own message is as good.

        `of_data`: parsed data raised it.
        """
        scope = self.script.scope
        match kind:
            case "AttributeError":
                return self._attribute(message)
            case "NameError":
                return self._name(message)
            case "KeyError" if of_data:
                return provenance.no_field(self._source, scope.answered, message)
            case "KeyError" if provenance.asks_params(self._source, message):
                if message not in scope.params:
                    return wording.no_param(message, scope.params)
            case "TypeError":
                return self._type(message)
            case "ModuleNotFoundError" if found := monty.NO_MODULE.search(message):
                if first := stripe_library.first_call(
                    self._catalog, nodes_of(self._source), found[1]
                ):
                    return f"a script cannot import {found[1]}: {first}"
                return not_in_sandbox.no_module(found[1])
            case "ModuleNotFoundError" | "ImportError":
                return not_in_sandbox.cannot_import(message)
            case "PermissionError":
                return f"a script has no files: {message}"
            case "RuntimeError" if found := monty.NOT_IN_ENVIRONMENT.match(message):
                return not_in_sandbox.no_environment(found[1])
        return None

    def _attribute(self, message: str) -> str | None:
        catalog = self._catalog
        if found := monty.OWN_ATTRIBUTE.search(message):
            kind, name = found.groups()
            if kind in catalog.builders:
                return wording.no_method(catalog, catalog.builders[kind], name)
            if kind == "Data":
                return provenance.no_field(self._source, self.script.scope.answered, name)
            return f"stripe_secret is a handle, without {name!r}"
        if found := monty.MODULE_ATTRIBUTE.search(message):
            return not_in_sandbox.no_member(*found.groups())
        if found := monty.PYTHON_ATTRIBUTE.search(message):
            return provenance.no_attribute(self._source, self.line, found[1], found[2], catalog)
        return None

    def _type(self, message: str) -> str | None:
        if (found := monty.ITEM_ASSIGNMENT.search(message)) and found[1] in self._catalog.builders:
            return wording.no_item(self._catalog.builders[found[1]])
        if found := monty.JSON_KEYWORD.match(message):
            return not_in_sandbox.no_json_option(found[1])
        if found := monty.UNEXPECTED_KEYWORD.search(message):
            return self._keyword(*found.groups())
        if monty.LIST_NOT_ITERATOR.match(message):
            return not_in_sandbox.NO_NEXT
        if monty.FUNCTION_IN_SUB.match(message):
            return not_in_sandbox.NO_FUNCTION_IN_SUB
        if found := monty.TOO_MANY_POSITIONAL.search(message):
            return wording.too_many_options(found[1])
        if monty.DATA_NOT_JSON.search(message):
            return "parsed data is not a dict; to_dict() returns one, and its JSON is there as a string"
        if monty.NOT_AWAITABLE.search(message) and (verb := provenance.awaited_verb(self._source)):
            return wording.no_waiting(verb)
        scope = self.script.scope
        return provenance.wrong_type(message, self._source, self.line, scope, self._catalog)

    def _keyword(self, function: str, name: str) -> str:
        catalog = self._catalog
        if function in catalog.builders:
            return wording.no_keyword(catalog, catalog.builders[function], name)
        if function == NEXT_PAGE:
            return f"{function}() has no parameter {name!r}{nearest(name, ['params'])}"
        settable = {
            setter
            for builder in read(self._source).functions
            if builder in catalog.builders
            for setter in setters(catalog, builder)
        }
        if is_verb(function):
            return wording.no_option(function, name, name in settable)
        if function in settable and f".{function}" in self._source:
            return wording.no_named_value(function, name)
        return f"{function}() has no parameter {name!r}"

    def _name(self, message: str) -> str | None:
        found = monty.NAME.match(message)
        if found is None:
            return None
        name, answered = found[1], self.script.scope.answered
        kind = answered.kind if answered is not None else None
        known = {"worker_id", "context_id", "stripe_secret", "params"}
        if kind is not None:
            known |= {"call", *answer_names(kind)}
        known |= read(self._source).words - {name}
        if name not in (*self._catalog.builders, *known) and (
            meant := stripe_library.first_call(
                self._catalog, nodes_at(self._source, self.line), name
            )
        ):
            return wording.written_otherwise(name, meant)
        return wording.no_name(self._catalog, name, kind, known)


def _line_of(source: str, frame: Frame, before: int) -> int:
    """Return the line of the script that a person has to look at. `before`: lines of prelude above it.

    Monty names the span of the whole expression, and a chain of setters is one expression. The line
    that counts is the one of the failing method's name.
    """
    begin, end = frame.line - before, frame.end_line - before
    if begin == end:
        return begin
    column = _byte_column(source, end, frame.end_column)
    for node in nodes_of(source):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and (node.lineno, node.end_lineno) == (begin, end)
            and node.end_col_offset == column
        ):
            return node.func.end_lineno or begin
    return begin


def _byte_column(source: str, line: int, column: int) -> int:
    lines = source.splitlines()
    return len(lines[line - 1][: column - 1].encode()) if line <= len(lines) else -1
