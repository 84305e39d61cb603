"""One script, one scope → its calls: the way through the sandbox and back.

The quick way is one turn: prelude, script, the list of recorded calls. Only when the host finds a
mistake in them is the script run again (the same clock, seed and values, so the same steps), now
with setters that count: once to learn at which step each mistake was made, and once for each
mistake, to be stopped at that step. The stop is the sandbox's own limit on host calls, which no
`try` in a script can catch, and its traceback has the line.

Where the text alone does not say which line made which call, lines are noted as it runs (placed.py).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn

from stripe_flows.engine.continuation import Continuations
from stripe_flows.engine.errors import LimitHit, ScriptError, ScriptFailed, ScriptRejected
from stripe_flows.engine.scope import Execution, Limits, Scope
from stripe_flows.engine.stripe.catalog import Catalog

from .advice import not_sent
from .failure import Failure
from .held import may_be_sent
from .judge import Judge, Warned, Wrong
from .lines import are_lines_plain, call_lines
from .origin import RETURN, stray_return
from .pages import page_of
from .placed import lines_in_f_strings, placed
from .prelude import inputs, prelude
from .process import Processes, Ran
from .reading import Reading, read
from .records import Forged, Recorded, TooMuch, Unsent, read_records

MAX_TOLD = 12
"""Mistakes that one error tells at most: each costs one more run of the script."""

_COPIES = ("copy", "deepcopy")
"""In a script that copies, a builder may be what others are copied from."""


@dataclass(frozen=True)
class Script:
    """A script and everything that its outcome depends on."""

    flow: str
    source: str
    scope: Scope
    clock: datetime
    seed: str
    flow_names: Collection[str]
    limits: Limits
    catalog: Catalog
    processes: Processes
    further: frozenset[str] = frozenset()
    """Builders that the script was found to need though its text does not plainly name them."""

    lenient: bool = False
    """Whether it goes on past setters that are not there, to learn what else is wrong."""

    def execute(self) -> Execution:
        """Run it. Raises a ScriptError, or SandboxCrashed."""
        noted = not are_lines_plain(self.source)
        ran, failure = self._run(noted=noted)
        if noted and ran.error is not None and not _is_over(ran):
            # An error is told from a run of the text itself: with lines noted, columns differ.
            ran, failure = self._run()
        if ran.error is not None:
            missing = failure.missing_builder(ran.error)
            if missing is not None and missing not in self.further:
                return replace(self, further=self.further | {missing}).execute()
            if not self.lenient and failure.is_unknown_setter(ran.error):
                self._gone_on(failure.error(ran.error).reason)
            self._failed(ran, failure)
        if "return" in self._reading.words and (line := stray_return(self.source)):
            # The sandbox takes it for the end, and what was recorded before would be lost.
            raise failure.make(ScriptRejected, RETURN, line)
        records, unsent = self._recorded(ran, failure)
        judge = Judge(self.catalog, self.scope, Continuations(self.flow_names))
        lines = self._lines(records)
        calls = [judge.call(r, line) for r, line in zip(records, lines, strict=True)]
        if judge.wrong:
            raise self._mistaken(failure, judge.wrong)
        warned = [*judge.warnings, *self._not_sent(unsent, noted)]
        warnings = tuple(f"{self._place(one.line)}: {one.text}" for one in warned)
        return Execution(
            calls=tuple(c for c in calls if c is not None),
            output=ran.output + "".join(f"warning: {text}\n" for text in warnings),
            warnings=warnings,
        )

    def _lines(self, records: list[Recorded]) -> list[int | None]:
        """The line of each call: as the text says it, else as it was noted."""
        if not records:
            return []
        others = lines_in_f_strings(self.source)
        other = others.pop() if len(others) == 1 else None
        noted = (self._known(record.line) or other for record in records)
        plain = call_lines(self.source, len(records))
        return [line or one for line, one in zip(plain, noted, strict=True)]

    def _not_sent(self, unsent: list[Unsent], noted: bool) -> list[Warned]:
        """The warnings for builders on which no verb was called."""
        if not unsent or not self._reading.words.isdisjoint(_COPIES):
            return []
        if not noted:
            # Only now the lines are needed.
            ran, failure = self._run(noted=True)
            if ran.error is None:
                _, unsent = self._recorded(ran, failure)
        found = dict.fromkeys((self._known(one.line), not_sent(one.builder)) for one in unsent)
        warned = [Warned(line, text) for line, text in found if not self._may_be_sent(line)]
        return warned[:MAX_TOLD]

    def _may_be_sent(self, line: int | None) -> bool:
        return line is not None and may_be_sent(self.source, line)

    def _known(self, line: int | None) -> int | None:
        """A line that was noted, if the text has it: a script's process is not believed."""
        return line if line and 1 <= line <= self.source.count("\n") + 1 else None

    def _place(self, line: int | None) -> str:
        return f"flows/{self.flow}.py" + (f":{line}" if line else "")

    @property
    def _reading(self) -> Reading:
        return read(self.source)

    def _run(
        self, *, traced: bool = False, target: int = 0, noted: bool = False
    ) -> tuple[Ran, Failure]:
        kind = self.scope.answered.kind if self.scope.answered else None
        page = page_of(self.scope.answered)
        source = placed(self.source) if noted else None
        before = prelude(
            self._reading, kind, traced, page, self.further, self.lenient, source is not None
        )
        values = inputs(self._reading, self.scope)
        if traced:
            values["_sf_target"] = target
        text = f"{before.text}{source or self.source}{before.tail}"
        ran = self.processes.run(text, values, clock=self.clock, seed=self.seed, traced=traced)
        return ran, Failure(
            flow=self.flow,
            source=self.source,
            scope=self.scope,
            limits=self.limits,
            catalog=self.catalog,
            before=before.lines,
            output=ran.output,
        )

    def _gone_on(self, reason: str) -> None:
        """Raises the error for a script that ended at a setter that is not there, with all that is
        wrong besides: it is run again and goes on. Does nothing where that does not come to calls."""
        script = replace(self, lenient=True)
        try:
            script.execute()
        except ScriptFailed as error:
            if reason in error.reason:
                raise
        except ScriptError:
            pass

    def _failed(self, ran: Ran, failure: Failure) -> NoReturn:
        if ran.fault == "time":
            raise failure.make(
                LimitHit, f"it ran for longer than {self.limits.seconds:g} s and was killed", None
            )
        if ran.fault == "panic":
            raise failure.make(ScriptFailed, "the sandbox's interpreter gave up on it", None)
        assert ran.error is not None
        found = failure.error(ran.error)
        if found.line is None and failure.frames(ran.error):
            # Raised where the prelude's own function begins: a setter called with no value. The
            # traced setters take whatever comes and complain inside, below the script's line.
            again, failure = self._run(traced=True)
            if again.error is not None and again.fault is None:
                found = failure.error(again.error)
        raise found from None

    def _recorded(self, ran: Ran, failure: Failure) -> tuple[list[Recorded], list[Unsent]]:
        try:
            return read_records(ran.value, self.catalog, self.limits.calls)
        except TooMuch as error:
            raise failure.make(LimitHit, str(error), None) from None
        except Forged:
            reason = (
                "what it recorded is no call: scripts may not change names that begin with _sf_"
            )
            raise failure.make(ScriptFailed, reason, None) from None

    def _mistaken(self, failure: Failure, wrong: list[Wrong]) -> ScriptFailed:
        """The error for calls that are wrong: each mistake with its line, the first one in front."""
        ran, traced = self._run(traced=True)
        if ran.error is None:
            judge = Judge(self.catalog, self.scope, Continuations(self.flow_names))
            for record in self._recorded(ran, traced)[0]:
                judge.call(record, None)
            # The same mistakes, now with their steps. (Without them, when the traced run was too
            # slow for its limits, there are no lines.)
            wrong = sorted(judge.wrong, key=lambda one: one.step) or wrong
        lines = {one.step: self._line_of_step(one.step) for one in wrong[:MAX_TOLD]}
        # What a loop does wrong each time is one mistake.
        told = dict.fromkeys((lines[one.step], one.text) for one in wrong[:MAX_TOLD])
        (line, reason), *others = told
        reason += "".join(f"; line {at}: {text}" if at else f"; {text}" for at, text in others)
        if len(wrong) > MAX_TOLD:
            reason += f"; and {len(wrong) - MAX_TOLD} more"
        return failure.make(ScriptFailed, reason, line)

    def _line_of_step(self, step: int) -> int | None:
        if step < 1:
            return None
        ran, failure = self._run(traced=True, target=step)
        return failure.error(ran.error).line if ran.error is not None else None


def _is_over(ran: Ran) -> bool:
    """Whether it used up its time, so that running it again would do the same."""
    return ran.fault is not None or str(ran.error).startswith("TimeoutError")
