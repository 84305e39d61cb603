"""Every error that stripe-flows raises, in one tree, one class for each phase that can fail.

StripeFlowsError
├── SettingsError          a setting is missing or wrong; raised at start-up
├── InputError             what the caller passed is wrong; nothing was sent
│   ├── FlowNotFound       no such flow; names the nearest one
│   ├── RunNotFound        no such run
│   ├── RunMismatch        the run_id is taken by another flow, params, worker or context
│   ├── RunExpired         the run_id was used by a run that has since been cleared away
│   └── NotOpen            a decision about a call that is not held (or a step that cannot be retried)
├── ScriptError            a script did not end well; it committed no call
│   ├── ScriptRejected     it could not be read (syntax, or what the sandbox does not have)
│   ├── ScriptFailed       it raised, or one of its calls was wrong
│   └── LimitHit           it used up its time, memory, recursion, calls or output
├── SandboxCrashed         the script's process died; says nothing about the script
├── SandboxBusy            no process became free for the script; it has not begun
├── SealError              something sealed cannot be opened: wrong key, or not what it claims to be
├── JournalError           the journal cannot be used
│   └── JournalUnavailable the journal did not answer
├── RunFailed              raised by `run.result()` for a run that failed or was cancelled
├── RunHeld                raised by `run.result()` for a run with a call of unknown outcome
└── CallFailed             Stripe refused a call; the Celery task ends as FAILURE
"""

from __future__ import annotations


class StripeFlowsError(Exception):
    """Something that stripe-flows can explain."""


class SettingsError(StripeFlowsError):
    """A setting is missing or wrong."""


class InputError(StripeFlowsError):
    """What the caller passed is wrong; nothing was sent."""


class FlowNotFound(InputError):
    """There is no such flow."""


class RunNotFound(InputError):
    """There is no such run."""


class RunMismatch(InputError):
    """The run_id belongs to a run that was started with other input."""


class RunExpired(InputError):
    """The run_id belongs to a run that ended and was cleared away."""


class NotOpen(InputError):
    """The step is not in a state in which a person can decide about it."""


class ScriptError(StripeFlowsError):
    """A script did not end well; none of its calls was committed.

    Takes: `reason` (one line, for people), `flow` (its name), `line` (1-based, None when unknown),
    `output` (what the script had printed before).
    """

    def __init__(
        self, reason: str, *, flow: str, line: int | None = None, output: str = ""
    ) -> None:
        super().__init__(reason, flow, line)
        self.reason = reason
        self.flow = flow
        self.line = line
        self.output = output

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
    """The script could not be read."""


class ScriptFailed(ScriptError):
    """The script raised, or one of its calls was wrong."""


class LimitHit(ScriptError):
    """The script used up what it was given."""


class SandboxCrashed(StripeFlowsError):
    """The script's process died; this says nothing about the script."""


class SandboxBusy(StripeFlowsError):
    """No process became free for the script; it has not begun."""


class SealError(StripeFlowsError):
    """Something sealed cannot be opened."""


class JournalError(StripeFlowsError):
    """The journal cannot be used."""


class JournalUnavailable(JournalError):
    """The journal did not answer."""


class RunFailed(StripeFlowsError):
    """The run failed."""


class RunHeld(StripeFlowsError):
    """A call's outcome is unknown; somebody has to settle it."""


class CallFailed(StripeFlowsError):
    """Stripe refused the call."""
