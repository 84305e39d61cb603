"""Ask the sandbox whether it can read a text, without running the text.

Monty parses a whole text before it runs the first line. So a line that raises is put in front of the
text: the result is either an error of the parser or the error of that line. Nothing after it is run.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic_monty import MontyRuntimeError, MontySyntaxError

from stripe_flows.engine.diagnose import monty_messages as monty
from stripe_flows.engine.diagnose.not_in_sandbox import cannot_import, no_module
from stripe_flows.engine.diagnose.script_errors import MAX_REASON
from stripe_flows.engine.diagnose.syntax_errors import explain_syntax, not_supported
from stripe_flows.engine.sandbox.process import Processes, Ran

from .finding import TOP, Place

_FIRST = "raise StopIteration\n"
_CLOCK = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Fault:
    """The reason why a text cannot be read, and its place."""

    place: Place
    message: str


class Reader:
    """Asks the sandbox. It keeps the answers about imports and names, since flows use the same few."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._imports: dict[str, str | None] = {}
        self._names: dict[str, bool] = {}

    def fault(self, source: str) -> Fault | None:
        """Return what the sandbox cannot read in the text; None if it reads all of it."""
        ran = self._run(_FIRST + source)
        error = ran.error
        if ran.fault is not None:
            return Fault(TOP, "the sandbox's interpreter gave up on it")
        if not isinstance(error, (MontyRuntimeError, MontySyntaxError)):
            return None if error is None else Fault(TOP, f"cannot be read: {error}")
        frames = error.traceback()
        frame = frames[-1] if frames else None
        if frame is not None and frame.line == 1 and isinstance(error, MontyRuntimeError):
            return None
        place = Place(max(1, frame.line - 1), frame.column) if frame is not None else TOP
        message = monty.first_line(error.display(format="msg"), MAX_REASON)
        if isinstance(error, MontySyntaxError):
            line, column, said = explain_syntax(source, *place, message)
            return Fault(Place(line, column), f"cannot be read: {said}")
        return Fault(place, not_supported(message) or message)

    def has(self, name: str) -> bool:
        """Return whether the sandbox has a name of Python's; for a text, whether it ends well."""
        if name not in self._names:
            self._names[name] = self._run(name).error is None
        return self._names[name]

    def import_fault(self, statement: ast.Import | ast.ImportFrom) -> str | None:
        """Return why a script cannot import that; None if it can. Only the import itself is run."""
        text = ast.unparse(statement)
        if text not in self._imports:
            error = self._run(text).error
            self._imports[text] = None if error is None else _import_fault(str(error))
        return self._imports[text]

    def _run(self, text: str) -> Ran:
        return self._processes.run(text, {}, clock=_CLOCK, seed="check")


def _import_fault(display: str) -> str:
    said = monty.said(display, MAX_REASON)
    missing = monty.NO_MODULE.search(said.message)
    if said.kind == "ModuleNotFoundError" and missing is not None:
        return no_module(missing[1])
    wanted = said.kind in ("ModuleNotFoundError", "ImportError")
    return cannot_import(said.message if wanted else monty.first_line(display, MAX_REASON))
