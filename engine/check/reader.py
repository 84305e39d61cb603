"""Whether the sandbox can read a text, asked of the sandbox itself, without running the text.

Monty reads a whole text before it runs the first line of it, so a line that raises goes in front:
what comes back is either what the reader says of the text, or that line's own error. Nothing of the
text is ever begun; and if it were, it would be a guest in the sandbox as always.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic_monty import MontyRuntimeError, MontySyntaxError

from stripe_flows.engine.check.finding import TOP, Place
from stripe_flows.engine.sandbox.process import Processes, Ran

_FIRST = "raise StopIteration\n"
_NOT_THERE = re.compile(r"The monty syntax parser does not yet support (?:the )?(.+)")
_CLOCK = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Fault:
    """Why a text cannot be read, and where."""

    place: Place
    message: str


class Reader:
    """Asks the sandbox. It keeps what it learned of imports: flows import the same few things."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._imports: dict[str, str | None] = {}

    def fault(self, source: str) -> Fault | None:
        """What the sandbox cannot read in the text; None if it reads all of it."""
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
        message = error.display(format="msg").partition("\n")[0].strip()
        if isinstance(error, MontySyntaxError):
            return Fault(place, f"cannot be read: {message}")
        absent = _NOT_THERE.match(message)
        return Fault(place, f"a script cannot use {absent[1]}" if absent else message)

    def import_fault(self, statement: ast.Import | ast.ImportFrom) -> str | None:
        """Why a script cannot import that; None if it can. Only the import itself is run."""
        text = ast.unparse(statement)
        if text not in self._imports:
            error = self._run(text).error
            said = "" if error is None else str(error).strip().splitlines()[0]
            kind, _, message = said.partition(": ")
            wanted = kind in ("ModuleNotFoundError", "ImportError")
            self._imports[text] = (
                f"a script cannot import that: {message if wanted else said}" if said else None
            )
        return self._imports[text]

    def _run(self, text: str) -> Ran:
        return self._processes.run(text, {}, clock=_CLOCK, seed="check")
