"""Run the two flows of the demo through the Python API, and show their timelines."""

from __future__ import annotations

import sys
import uuid
from typing import Any

from rich.text import Text

from stripe_flows import Run, start_flow
from stripe_flows.engine.errors import StripeFlowsError
from stripe_flows.local.stack import DEMO_CUSTOMER

from .output import console, say, write_output
from .standard_streams import prepare_streams
from .timeline import timeline


def main() -> int:
    """Run the flows and return the exit code."""
    prepare_streams()
    try:
        done = all(
            _show(flow, params)
            for flow, params in (("main", {"customer": DEMO_CUSTOMER}), ("declined", {}))
        )
    except StripeFlowsError as error:
        say(Text(f"error: {error}", "red"))
        return 1
    return 0 if done else 1


def _show(flow: str, params: dict[str, Any]) -> bool:
    console().print(Text(f"flows/{flow}.py", "bold cyan"))
    run = start_flow(
        flow,
        params=params,
        worker_id="worker-1",
        context_id="context-123",
        run_id=f"demo-{flow}-{uuid.uuid4().hex[:8]}",
    )
    for event in run.follow():
        write_output(event.output)
        sys.stdout.flush()
    console().print(_tree(run))
    console().print()
    if run.status() != "succeeded":
        say(Text(f"error: the run {run.id} is {run.status()}", "red"))
        return False
    return True


def _tree(run: Run) -> Any:
    return timeline(run.state(), run.history(), run.open_items(), run.stuck())


if __name__ == "__main__":
    sys.exit(main())
