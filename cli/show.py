"""The commands that look: `show` and `list`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click
from pydantic import TypeAdapter
from rich.table import Table
from rich.text import Text

from stripe_flows.engine.errors import InputError
from stripe_flows.engine.nearest import nearest
from stripe_flows.engine.types import JSONValue
from stripe_flows.tasks.api.find import Found, Wanted
from stripe_flows.tasks.api.run import Run
from stripe_flows.tasks.api.runs import named_runs, reasons_to_wait, search, wanted_runs
from stripe_flows.tasks.events import Event
from stripe_flows.tasks.journal.read import OpenItem, RunState
from stripe_flows.tasks.printable import one_line

from .common import console, print_json, say
from .timeline import STATUS_STYLES, View, timeline


@click.command()
@click.argument("word", metavar="RUN")
@click.option("--all", "everything", is_flag=True, help="Also steps that all went well alike.")
@click.option("--failed", is_flag=True, help="Only what went wrong, with the way to it.")
@click.option("--request", is_flag=True, help="With what was asked, and what Stripe answered.")
@click.option("--output", is_flag=True, help="With the lines that the scripts printed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def show(
    word: str, everything: bool, failed: bool, request: bool, output: bool, as_json: bool
) -> None:
    """Show a RUN: how it stands, what it charged, and each of its steps.

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


@click.command("list")
@click.option("--held", is_flag=True, help="Those with a call of unknown outcome.")
@click.option("--failed", is_flag=True, help="Those that failed.")
@click.option("--running", is_flag=True, help="Those with a step that is neither done nor held.")
@click.option("--flow", metavar="NAME", help="Those that were started with that flow.")
@click.option("--since", metavar="AGE|DATE", help="Those started since then: 2h, 3d, 2026-11-24.")
@click.option("--object", "object_id", metavar="ID", help="Those whose answers name it: pi_…")
@click.option("--context", "context_id", metavar="ID", help="Those of one context.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, a list.")
def list_(
    held: bool,
    failed: bool,
    running: bool,
    flow: str | None,
    since: str | None,
    context_id: str | None,
    object_id: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List runs, newest first, with why they wait. Of several filters all have to fit."""
    wanted = wanted_runs(
        context_id=context_id,
        object=object_id,
        held=held,
        failed=failed,
        running=running,
        flow=flow,
        since=since,
    )
    found = search(wanted, limit)
    if as_json:
        why = reasons_to_wait(found.runs)
        plain = TypeAdapter(RunState).dump_python
        listed = [plain(one, mode="json") | {"waits": why.get(one.run_id)} for one in found.runs]
        print_json(list[dict[str, JSONValue]], listed)
    elif found.runs:
        console(wide=True).print(_table(found.runs, reasons_to_wait(found.runs)))
    else:
        say("no runs")
    if len(found.runs) < limit and (wanted.filters or found.bounded):
        say(_looked(found, wanted))


def _several(word: str, runs: Sequence[Run], as_json: bool) -> None:
    """Several runs, of which one has to be chosen."""
    ids = ", ".join(run.id for run in runs[:5]) + (", …" if runs[5:] else "")
    if as_json:
        raise InputError(f"{len(runs)} runs are of {word}: {ids}; name one of them")
    states = [run.state() for run in runs]
    console(wide=True).print(_table(states, reasons_to_wait(states)))
    say(f"{len(runs)} runs are of {one_line(word)}; to see one: stripe-flows show {runs[0].id}")


def _table(states: Sequence[RunState], why: Mapping[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    titles = ["run", "status", "flow", "started (UTC)", "calls", "worker", "context"]
    for title in titles + (["waits"] if any(why.values()) else []):
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
            *([Text(one_line(why.get(state.run_id, "")))] if any(why.values()) else []),
        )
    return table


def _looked(found: Found, wanted: Wanted) -> str:
    """How many runs were looked at, where a filter finds few."""
    runs = f"{found.looked:,} run" + ("" if found.looked == 1 else "s")
    said = f"looked at {runs}"
    if found.bounded:
        said = f"looked at the newest {runs}; what is older was not looked at: --since, --context "
        said += "and --object lead to less"
    if wanted.flow is not None and wanted.flow not in found.flows and found.flows:
        said += f"; none is of flow {wanted.flow!r}{nearest(wanted.flow, found.flows)}"
    return said
