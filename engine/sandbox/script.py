"""Run one script in one scope: prelude, script, the recorded calls, their checks.

The result is the script's calls, or a structured failure. Nothing here explains a failure or searches
for its line: engine/diagnose does, and may run the script again in another way (see Variant).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic_monty import MontyError

from stripe_flows.engine.call import Call
from stripe_flows.engine.continuation import Continuations
from stripe_flows.engine.scope import Limits, Scope
from stripe_flows.engine.stripe.catalog import Catalog
from stripe_flows.engine.types import JSONObject

from .builders import PLAIN, Methods
from .call_checks import CallChecker, Warned, Wrong
from .pages import page_of
from .prelude import inputs, prelude
from .process import Processes, Ran
from .reading import read
from .records import Forged, Recorded, TooMuch, Unsent, read_records
from .syntax_tree import stray_return


@dataclass(frozen=True, eq=False)
class Variant:
    """A way to run a script. The default runs it as it is; engine/diagnose makes the others.

    `methods` are the templates of the prelude, `text` replaces the script's own text, `values` and
    `functions` are globals and functions of the host in addition to the usual ones.

    `lines` are the lines of the calls in the order of the text, where they run in that order;
    `otherwise` is the line of a call that neither `lines` nor its record knows.
    """

    methods: Methods = PLAIN
    text: str | None = None
    values: JSONObject = field(default_factory=dict)
    functions: Mapping[str, Callable[[], None]] = field(default_factory=dict)
    lines: tuple[int | None, ...] = ()
    otherwise: int | None = None


AS_IT_IS = Variant()


@dataclass(frozen=True)
class Finished:
    """A script that ended well: its calls, warnings about them, and the builders without a verb."""

    calls: tuple[Call, ...]
    output: str
    warnings: tuple[Warned, ...]
    unsent: tuple[Unsent, ...]


@dataclass(frozen=True)
class Failure:
    """The reason why a script did not end well. None of its calls counts.

    error      the script raised, or cannot be read; `error` is Monty's, `before` the prelude's lines
    time       its process had to be killed for its time
    panic      the interpreter stopped itself
    return     `line` has a `return` outside a function, where the sandbox ends the script
    too_much   its calls exceed a limit: `text`
    forged     it changed the records of its calls
    wrong      its calls have mistakes: `wrong`
    """

    kind: Literal["error", "time", "panic", "return", "too_much", "forged", "wrong"]
    output: str
    before: int = 0
    error: MontyError | None = None
    line: int | None = None
    text: str = ""
    wrong: tuple[Wrong, ...] = ()


@dataclass(frozen=True)
class Script:
    """A script and everything that its result depends on.

    `builders` are defined for it in addition to those that its text names.
    """

    flow: str
    source: str
    scope: Scope
    clock: datetime
    seed: str
    flow_names: Collection[str]
    limits: Limits
    catalog: Catalog
    processes: Processes
    builders: frozenset[str] = frozenset()

    def run(self, variant: Variant = AS_IT_IS) -> Finished | Failure:
        """Run it once. Raises SandboxCrashed or SandboxBusy, which say nothing about the script."""
        ran, before = self._run(variant)
        if ran.fault is not None:
            return Failure(ran.fault, ran.output)
        if ran.error is not None:
            return Failure("error", ran.output, before, ran.error)
        if "return" in read(self.source).words and (line := stray_return(self.source)):
            # The sandbox ends the script there, and its recorded calls would be lost.
            return Failure("return", ran.output, line=line)
        try:
            records, unsent = read_records(ran.value, self.catalog, self.limits.calls)
        except TooMuch as error:
            return Failure("too_much", ran.output, text=str(error))
        except Forged:
            return Failure("forged", ran.output)
        checker = CallChecker(self.catalog, self.scope, Continuations(self.flow_names))
        lines = self._lines(records, variant)
        calls = [checker.call(r, line) for r, line in zip(records, lines, strict=True)]
        if checker.wrong:
            return Failure("wrong", ran.output, wrong=tuple(checker.wrong))
        return Finished(
            calls=tuple(call for call in calls if call is not None),
            output=ran.output,
            warnings=tuple(checker.warnings),
            unsent=tuple(unsent),
        )

    def has_line(self, line: int | None) -> bool:
        """Return whether the text has a line that was noted: a script's process is not trusted."""
        return line is not None and 1 <= line <= self.source.count("\n") + 1

    def _run(self, variant: Variant) -> tuple[Ran, int]:
        reading = read(self.source)
        answered = self.scope.answered
        around = prelude(
            reading,
            answered.kind if answered else None,
            page_of(answered),
            variant.methods,
            self.builders,
        )
        ran = self.processes.run(
            f"{around.text}{variant.text or self.source}{around.tail}",
            inputs(reading, self.scope) | variant.values,
            clock=self.clock,
            seed=self.seed,
            functions=variant.functions,
        )
        return ran, around.lines

    def _lines(self, records: list[Recorded], variant: Variant) -> list[int | None]:
        """Return the line of each call: the one that the text shows, else the one that was noted."""
        known = variant.lines
        if len(set(known)) == 1:
            plain: list[int | None] = [known[0]] * len(records)
        else:
            plain = [*known] if len(known) == len(records) else [None] * len(records)
        noted = (r.line if self.has_line(r.line) else variant.otherwise for r in records)
        return [line or one for line, one in zip(plain, noted, strict=True)]
