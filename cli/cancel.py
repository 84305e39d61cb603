"""The command `cancel`: cancel a run."""

from __future__ import annotations

import click

from stripe_flows.tasks.api.find import get_run

from .commands import confirm, yes_option
from .output import say


@click.command()
@click.argument("run_id", metavar="RUN")
@yes_option
def cancel(run_id: str, yes: bool) -> None:
    """Cancel a RUN: steps that have not begun never begin, and nothing follows the others."""
    run = get_run(run_id)
    begun = [item.name for item in run.open_items() if item.state == "begun"]
    if begun:
        say(f"has begun, and is not undone: {', '.join(begun)}")
    confirm(f"cancel {run.id}?", yes)
    closed = run.cancel()
    say(f"cancelled; {closed} step{'' if closed == 1 else 's'} will never begin")
    for item in run.open_items():
        if item.held:
            say(f"still to be settled: {item.name} {item.item}; see stripe-flows show {run.id}")
