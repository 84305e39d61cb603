"""Script and scope → calls and printed lines: the script engine as the rest of the house sees it.

    with Engine(Limits(), processes=4) as engine:
        execution = engine.execute("main", source, scope, clock=clock, seed=item, flow_names=names)

An execution changes nothing outside: what it wants done is in `execution.calls`, to be committed as
a whole by whoever asked for it. The same source, scope, clock and seed give the same calls.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from types import TracebackType

from stripe_flows.engine.sandbox.process import Processes
from stripe_flows.engine.sandbox.script import Script
from stripe_flows.engine.stripe.catalog import stripe_catalog

from .scope import Answered, CallFacts, Execution, Limits, Scope

__all__ = ["Answered", "CallFacts", "Engine", "Execution", "Limits", "Scope"]


class Engine:
    """Runs scripts, in at most `processes` script processes at once; threads may share it.

    It starts its first process when it is made, so make it after a fork. A thread that finds all
    processes busy waits for `checkout_timeout` seconds at most.
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

        `clock` is the only time the script sees, `seed` begins its random numbers. `flow_names` are
        the names in the run's flow set; `then=` and `on_error=` have to lead to one of them.

        Raises ScriptRejected (it cannot be read), ScriptFailed (it raised, or one of its calls is
        wrong), LimitHit, each with flow, line and what was printed before; and SandboxCrashed or
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
        return script.execute()

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
