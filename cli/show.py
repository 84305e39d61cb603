"""The command `show`: show a run."""

from __future__ import annotations

from collections.abc import Sequence

import click

from stripe_flows.engine.errors import InputError
from stripe_flows.tasks.api.find import named_runs, reasons_to_wait
from stripe_flows.tasks.api.run import Run
from stripe_flows.tasks.events import Event
from stripe_flows.tasks.journal.read import OpenItem, RunState
from stripe_flows.tasks.printable import one_line

from .output import console, print_json, say
from .run_table import run_table
from .timeline import View, timeline


@click.command()
@click.argument("word", metavar="RUN")
@click.option(
    "--all", "everything", is_flag=True, help="Show each step, also of many that went well."
)
@click.option(
    "--failed", is_flag=True, help="Show only what went wrong, and the steps that led to it."
)
@click.option("--request", is_flag=True, help="Show the requests, and Stripe's answers.")
@click.option("--output", is_flag=True, help="Show the lines that the scripts printed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def show(
    word: str, everything: bool, failed: bool, request: bool, output: bool, as_json: bool
) -> None:
    """Show a RUN: its status, what it charged, and each of its steps.

    RUN: its id, a Stripe id that one of its answers names (pi_…, cus_…, req_…), or its context. If
    there are several, they are listed.

    With --json: {"run": …, "history": […], "open_items": […]}.
    """
    runs = named_runs(word)
    if len(runs) > 1:
        _several(word, runs, as_json)
        return
    run = runs[0]
    state, history, open_items = run.state(), run.history(), run.open_items()
    if as_json:
        document = {"run": state, "history": history, "open_items": open_items}
        print_json(dict[str, RunState | tuple[Event, ...] | tuple[OpenItem, ...]], document)
        return
    view = View(
        output=output,
        everything=everything,
        failed=failed,
        request=request,
        requests=run.open_requests() if request else None,
    )
    shown = timeline(state, history, open_items, run.stuck(), view=view)
    console().print(shown, crop=False)


def _several(word: str, runs: Sequence[Run], as_json: bool) -> None:
    """List the runs, for the person to choose one."""
    ids = ", ".join(run.id for run in runs[:5]) + (", …" if runs[5:] else "")
    if as_json:
        raise InputError(f"{len(runs)} runs belong to {word}: {ids}; name one of them")
    states = [run.state() for run in runs]
    console(wide=True).print(run_table(states, reasons_to_wait(states)))
    say(f"{len(runs)} runs belong to {one_line(word)}; to see one: stripe-flows show {runs[0].id}")
