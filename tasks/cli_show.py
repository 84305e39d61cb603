"""The commands that look: `show` and `list`."""

from __future__ import annotations

import click
from rich.table import Table
from rich.text import Text

from stripe_flows.tasks.cli_common import console, print_json, say
from stripe_flows.tasks.events import Event
from stripe_flows.tasks.journal.read import OpenItem, RunState
from stripe_flows.tasks.printable import one_line
from stripe_flows.tasks.runs import get_run, list_runs
from stripe_flows.tasks.timeline import STATUS_STYLES, timeline


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option("--output", is_flag=True, help="With the lines that the scripts printed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def show(run_id: str, output: bool, as_json: bool) -> None:
    """Show a run as a tree of its steps.

    With --json: {"run": …, "history": […], "open_items": […]}.
    """
    run = get_run(run_id)
    state, history, open_items = run.state(), run.history(), run.open_items()
    if as_json:
        document = {"run": state, "history": history, "open_items": open_items}
        print_json(dict[str, RunState | tuple[Event, ...] | tuple[OpenItem, ...]], document)
        return
    console().print(timeline(state, history, open_items, run.stuck(), output=output))


@click.command("list")
@click.option("--held", is_flag=True, help="Those with a call of unknown outcome.")
@click.option("--failed", is_flag=True, help="Those that failed.")
@click.option("--object", "object_id", metavar="ID", help="Those whose answers name it: pi_…")
@click.option("--context", "context_id", metavar="ID", help="Those of one context.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, a list.")
def list_(
    held: bool,
    failed: bool,
    context_id: str | None,
    object_id: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List runs, newest first."""
    runs = list_runs(context_id=context_id, object=object_id, held=held, failed=failed, limit=limit)
    states = [run.state() for run in runs]
    if as_json:
        print_json(list[RunState], states)
        return
    if not states:
        say("no runs")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("run", "status", "flow", "started (UTC)", "calls", "worker", "context"):
        table.add_column(title, no_wrap=True)
    for state in states:
        table.add_row(
            state.run_id,
            Text(state.status, STATUS_STYLES[state.status]),
            state.meta.flow,
            f"{state.started:%Y-%m-%d %H:%M:%S}",
            str(state.calls),
            state.meta.worker_id,
            Text(one_line(state.meta.context_id)),
        )
    console(wide=True).print(table)
