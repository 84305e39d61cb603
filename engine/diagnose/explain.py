"""Explain a failed script: what is wrong, on which line, and what was meant.

The script is run again, with the same clock, seed and values, so that it takes the same steps. One run
with counted steps finds the step of each mistake. One more run for each mistake stops there, and its
traceback has the line. A run that continues past unknown setters finds what else is wrong.
"""

from __future__ import annotations

from dataclasses import replace

from stripe_flows.engine.errors import LimitHit, ScriptError, ScriptFailed, ScriptRejected
from stripe_flows.engine.sandbox.call_checks import Wrong
from stripe_flows.engine.sandbox.script import AS_IT_IS, Failure, Finished, Script

from .script_errors import SandboxError, script_error
from .variants import LENIENT, traced
from .wording import RETURN, no_method

MAX_MISTAKES = 12
"""Limit of mistakes in one error: each needs one more run of the script."""


def finish_or_explain(script: Script, failure: Failure) -> Finished:
    """Return the calls of a script that only lacked a builder; raise the error of any other.

    A script can make a builder's name while it runs, so that its text does not show it. It is run again
    with that builder. Raises a ScriptError, or SandboxCrashed or SandboxBusy.
    """
    result = _finished_or_error(script, failure, lenient=False)
    if isinstance(result, ScriptError):
        raise result
    return result


def _finished_or_error(
    script: Script, failure: Failure, *, lenient: bool
) -> Finished | ScriptError:
    result: Finished | Failure = failure
    while isinstance(result, Failure) and result.kind == "error":
        missing = SandboxError(script, result).missing_builder
        if missing is None or missing in script.builders:
            break
        script = replace(script, builders=script.builders | {missing})
        result = script.run(LENIENT if lenient else AS_IT_IS)
    if isinstance(result, Finished):
        return result
    return _Explanation(script, lenient).of(result)


class _Explanation:
    def __init__(self, script: Script, lenient: bool) -> None:
        self._script = script
        self._lenient = lenient

    def of(self, failure: Failure) -> ScriptError:
        match failure.kind:
            case "error":
                return self._of_error(failure)
            case "wrong":
                return self._of_wrong(failure)
            case "time":
                seconds = self._script.limits.seconds
                reason = f"it ran for longer than {seconds:g} s and was killed"
                return self._made(LimitHit, failure, reason)
            case "panic":
                return self._made(ScriptFailed, failure, "the sandbox's interpreter gave up on it")
            case "return":
                return self._made(ScriptRejected, failure, RETURN, failure.line)
            case "too_much":
                return self._made(LimitHit, failure, failure.text)
            case "forged":
                reason = (
                    "the records of its calls were changed: "
                    "scripts may not change names that begin with _sf_"
                )
                return self._made(ScriptFailed, failure, reason)

    def _of_error(self, failure: Failure) -> ScriptError:
        error = SandboxError(self._script, failure)
        found = error.explained()
        if not self._lenient and error.is_unknown_setter and (whole := self._whole(found.reason)):
            return whole
        if found.line is None and error.frames:
            # Raised where a function of the prelude begins: a setter that was called without a value.
            # The traced setters accept everything and complain inside, below the script's line.
            again = self._script.run(traced(0, lenient=self._lenient))
            if isinstance(again, Failure) and again.kind == "error":
                found = SandboxError(self._script, again).explained()
        return found

    def _whole(self, reason: str) -> ScriptFailed | None:
        """Return the error with all mistakes of a script that ended at an unknown setter.

        None if running past it does not lead to calls.
        """
        result = self._script.run(LENIENT)
        if isinstance(result, Finished):
            return None
        error = _finished_or_error(self._script, result, lenient=True)
        return error if isinstance(error, ScriptFailed) and reason in error.reason else None

    def _of_wrong(self, failure: Failure) -> ScriptError:
        """Return the error for calls that are wrong: each mistake with its line, the first in front."""
        wrong = failure.wrong
        again = self._script.run(traced(0, lenient=self._lenient))
        if isinstance(again, Failure):
            if again.kind in ("too_much", "forged"):
                return self.of(again)
            # The same mistakes, now with their steps. If the traced run took too long for its limits,
            # there are no steps, and so no lines.
            wrong = tuple(sorted(again.wrong, key=lambda one: one.step)) or wrong
        shown = wrong[:MAX_MISTAKES]
        lines = {one.step: self._line_of_step(one.step) for one in shown}
        # A mistake that a loop makes each time is one mistake.
        told = dict.fromkeys((lines[one.step], self._text(one)) for one in shown)
        (line, reason), *others = told
        reason += "".join(f"; line {at}: {text}" if at else f"; {text}" for at, text in others)
        if len(wrong) > MAX_MISTAKES:
            reason += f"; and {len(wrong) - MAX_MISTAKES} more"
        return self._made(ScriptFailed, failure, reason, line)

    def _text(self, wrong: Wrong) -> str:
        if wrong.builder is None:
            return wrong.text
        return no_method(self._script.catalog, wrong.builder, wrong.setter)

    def _line_of_step(self, step: int) -> int | None:
        if step < 1:
            return None
        stopped = self._script.run(traced(step, lenient=self._lenient))
        if not isinstance(stopped, Failure) or stopped.kind != "error":
            return None
        return SandboxError(self._script, stopped).line

    def _made(
        self, kind: type[ScriptError], failure: Failure, reason: str, line: int | None = None
    ) -> ScriptError:
        return script_error(kind, reason, self._script, failure.output, line)
