"""The step that `resolve` or `retry` is about: find it, show its attempts, report what follows."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from stripe_flows.engine.errors import NotOpen
from stripe_flows.tasks.api.find import get_run, run_of_step
from stripe_flows.tasks.api.run import Run
from stripe_flows.tasks.events import Event
from stripe_flows.tasks.printable import one_line

from .output import say


def find_step(item_id: str, run_id: str | None) -> tuple[Run, list[Event]]:
    """Return a step's run and the step's events. Raises NotOpen, RunNotFound."""
    run = get_run(run_id) if run_id else run_of_step(item_id)
    found = [event for event in run.history() if event.item == item_id]
    if not found:
        raise NotOpen(f"run {run.id!r} has no step {item_id!r}")
    return run, found


def say_attempts(history: Sequence[Event]) -> None:
    """Show each attempt of a call, and how it ended."""
    attempts = [event for event in history if event.kind == "call"]
    if attempts:
        last = attempts[-1]
        say(Text(f"{last.operation} {last.item}, attempts so far: {last.attempt}", "bold"))
    for event in attempts:
        say(
            f"  {event.time:%Y-%m-%d %H:%M:%S} UTC  attempt {event.attempt}  "
            f"{event.status.replace('_', ' ')}"
            + (f": {one_line(event.error)}" if event.error else "")
        )


def say_done(run: Run, item_id: str | None) -> None:
    """Report the step that follows from the decision, if there is one."""
    follows = f"step {item_id} follows" if item_id else "nothing follows"
    say(f"done; {follows}: stripe-flows show {run.id}")
