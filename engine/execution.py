"""The script engine as the rest of the house uses it: script and scope in, calls and output out.

    with Engine(Limits(), processes=4) as engine:
        execution = engine.execute("main", source, scope, clock=clock, seed=item, flow_names=names)

An execution changes nothing outside: its calls are committed as a whole by the caller. The same source,
scope, clock and seed give the same calls. engine/sandbox runs the script; engine/diagnose is asked for
the lines of its calls, and for the explanation if it fails.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from types import TracebackType

from stripe_flows.engine.diagnose.call_lines import with_lines
from stripe_flows.engine.diagnose.explain import finish_or_explain
from stripe_flows.engine.diagnose.script_errors import SandboxError
from stripe_flows.engine.diagnose.unsent_builders import unsent_warnings
from stripe_flows.engine.sandbox.process import Processes
from stripe_flows.engine.sandbox.script import Failure, Finished, Script
from stripe_flows.engine.stripe.catalog import stripe_catalog

from .scope import Answered, CallFacts, Execution, Limits, Scope

__all__ = ["Answered", "CallFacts", "Engine", "Execution", "Limits", "Scope"]


class Engine:
    """Runs scripts, in at most `processes` script processes at once; threads may share it.

    It starts its first process when it is made, so make it after a fork. A thread that finds all
    processes busy waits at most `checkout_timeout` seconds.
    """

    def __init__(
        self, limits: Limits | None = None, *, processes: int = 1, checkout_timeout: float = 10.0
    ) -> None:
        self._limits = limits or Limits()
        self._processes = Processes(
            self._limits, processes=processes, checkout_timeout=checkout_timeout
        )

    def execute(
        self,
        flow: str,
        source: str,
        scope: Scope,
        *,
        clock: datetime,
        seed: str,
        flow_names: Collection[str],
    ) -> Execution:
        """Run one script once.

        `clock` is the only time that the script sees, `seed` starts its random numbers. `flow_names`
        are the names in the run's flow set; `then=` and `on_error=` have to lead to one of them.

        Raises ScriptRejected (it cannot be read), ScriptFailed (it raised, or one of its calls is
        wrong) or LimitHit, each with flow, line and the output before. Raises SandboxCrashed or
        SandboxBusy, which say nothing about the script: try again.
        """
        script = Script(
            flow=flow,
            source=source,
            scope=scope,
            clock=clock,
            seed=seed,
            flow_names=flow_names,
            limits=self._limits,
            catalog=stripe_catalog(),
            processes=self._processes,
        )
        done = _finished(script)
        warnings = tuple(
            f"flows/{flow}.py:{one.line}: {one.text}"
            if one.line
            else f"flows/{flow}.py: {one.text}"
            for one in (*done.warnings, *unsent_warnings(script, done.unsent))
        )
        return Execution(
            calls=done.calls,
            output=done.output + "".join(f"warning: {text}\n" for text in warnings),
            warnings=warnings,
        )

    def close(self) -> None:
        """End the script processes. May be called twice."""
        self._processes.close()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _finished(script: Script) -> Finished:
    """Run a script. Raises the error that explains a failure."""
    variant = with_lines(script.source)
    result = script.run(variant)
    if (
        isinstance(result, Failure)
        and result.kind == "error"
        and variant.text is not None
        and not SandboxError(script, result).is_time_limit
    ):
        # An error is explained from a run of the text itself: with lines noted, columns differ.
        result = script.run()
    return result if isinstance(result, Finished) else finish_or_explain(script, result)
