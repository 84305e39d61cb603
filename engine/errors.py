"""Every error that stripe-flows raises, in one tree, one class for each phase that can fail.

StripeFlowsError
├── SettingsError          a setting is missing or wrong; raised at start-up
├── InputError             the caller's input is wrong; nothing was sent
│   ├── FlowNotFound       no such flow; names the nearest one
│   ├── RunNotFound        no such run
│   ├── RunMismatch        the run_id is taken by another flow, params, worker or context
│   ├── RunExpired         the run_id was used by a run that has since been cleared away
│   └── NotOpen            a decision about a call that is not held, or a step that cannot be retried
├── ScriptError            a script failed; it committed no call
│   ├── ScriptRejected     it cannot be read (syntax, or something that the sandbox lacks)
│   ├── ScriptFailed       it raised, or one of its calls was wrong
│   └── LimitHit           it used up its time, memory, recursion, calls or output
├── SandboxCrashed         the script's process died; the script may be right
├── SandboxBusy            no process became free for the script, so it has not begun
├── SealError              a sealed value cannot be opened: another key, or another value
├── JournalError           the journal cannot be used
│   └── JournalUnavailable the journal did not answer
├── RunFailed              raised by `run.result()` for a run that failed or was cancelled
├── RunHeld                raised by `run.result()` for a run with a call of unknown outcome
└── CallFailed             Stripe refused a call; the Celery task ends as FAILURE
"""

from __future__ import annotations


class StripeFlowsError(Exception):
    """The base of all errors that stripe-flows raises."""


class SettingsError(StripeFlowsError):
    """A setting is missing or wrong."""


class InputError(StripeFlowsError):
    """The caller's input is wrong; nothing was sent."""


class FlowNotFound(InputError):
    """There is no such flow."""


class RunNotFound(InputError):
    """There is no such run."""


class RunMismatch(InputError):
    """The run_id belongs to a run that was started with other input."""


class RunExpired(InputError):
    """The run_id belongs to a run that ended and was cleared away."""


class NotOpen(InputError):
    """A person cannot decide about the step in its present state."""


class ScriptError(StripeFlowsError):
    """A script failed; none of its calls was committed."""

    def __init__(
        self, reason: str, *, flow: str, line: int | None = None, output: str = ""
    ) -> None:
        super().__init__(reason, flow, line)
        self.reason = reason
        """One line for people, without the place."""
        self.flow = flow
        """The name of the flow."""
        self.line = line
        """The line in the flow, from 1; None if it is not known."""
        self.output = output
        """Everything that the script had printed before."""

    def __str__(self) -> str:
        where = f"flows/{self.flow}.py" + (f":{self.line}" if self.line else "")
        return f"{where}: {self.reason}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[object, ...]:
        return (_script_error, (type(self), self.reason, self.flow, self.line, self.output))


def _script_error(
    kind: type[ScriptError], reason: str, flow: str, line: int | None, output: str
) -> ScriptError:
    return kind(reason, flow=flow, line=line, output=output)


class ScriptRejected(ScriptError):
    """The script cannot be read."""


class ScriptFailed(ScriptError):
    """The script raised, or one of its calls was wrong."""


class LimitHit(ScriptError):
    """The script used up its time, memory, recursion, calls or output."""


class SandboxCrashed(StripeFlowsError):
    """The script's process died; the script may be right."""


class SandboxBusy(StripeFlowsError):
    """No process became free for the script; it has not begun."""


class SealError(StripeFlowsError):
    """A sealed value cannot be opened."""


class JournalError(StripeFlowsError):
    """The journal cannot be used."""


class JournalUnavailable(JournalError):
    """The journal did not answer."""


class RunFailed(StripeFlowsError):
    """The run failed."""


class RunHeld(StripeFlowsError):
    """The outcome of a call is unknown; a person has to settle it."""


class CallFailed(StripeFlowsError):
    """Stripe refused the call."""
