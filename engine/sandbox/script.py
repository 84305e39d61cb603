"""One script, one scope → its calls: the way through the sandbox and back.

The quick way is one turn: prelude, script, the list of recorded calls. Only when the host finds a
mistake in them is the script run again (the same clock, seed and values, so the same steps), now
with setters that count: once to learn at which step each mistake was made, and once for each
mistake, to be stopped at that step. The stop is the sandbox's own limit on host calls, which no
`try` in a script can catch, and its traceback has the line.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn

from stripe_flows.engine.errors import LimitHit, ScriptError, ScriptFailed, ScriptRejected
from stripe_flows.engine.sandbox.failure import Failure
from stripe_flows.engine.sandbox.judge import Judge, Wrong
from stripe_flows.engine.sandbox.lines import call_lines
from stripe_flows.engine.sandbox.origin import RETURN, stray_return
from stripe_flows.engine.sandbox.pages import page_of
from stripe_flows.engine.sandbox.prelude import inputs, prelude
from stripe_flows.engine.sandbox.process import Processes, Ran
from stripe_flows.engine.sandbox.reading import Reading, read
from stripe_flows.engine.sandbox.records import Forged, Recorded, TooMuch, read_records
from stripe_flows.engine.sandbox.then import Continuations
from stripe_flows.engine.scope import Execution, Limits, Scope
from stripe_flows.engine.stripe.catalog import Catalog

MAX_TOLD = 12
"""Mistakes that one error tells at most: each costs one more run of the script."""


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
        ran, failure = self._run(traced=False)
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
        records = self._records(ran, failure)
        lines = call_lines(self.source, len(records)) if records else []
        judge = Judge(self.catalog, self.scope, Continuations(self.flow_names))
        calls = [judge.call(r, line) for r, line in zip(records, lines, strict=True)]
        if judge.wrong:
            raise self._mistaken(failure, judge.wrong)
        output = ran.output + "".join(f"warning: {text}\n" for text in judge.warnings)
        return Execution(calls=tuple(c for c in calls if c is not None), output=output)

    @property
    def _reading(self) -> Reading:
        return read(self.source)

    def _run(self, *, traced: bool, target: int = 0) -> tuple[Ran, Failure]:
        kind = self.scope.answered.kind if self.scope.answered else None
        page = page_of(self.scope.answered)
        before = prelude(self._reading, kind, traced, page, self.further, self.lenient)
        values = inputs(self._reading, self.scope)
        if traced:
            values["_sf_target"] = target
        text = f"{before.text}{self.source}{before.tail}"
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

    def _records(self, ran: Ran, failure: Failure) -> list[Recorded]:
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
            for record in self._records(ran, traced):
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
