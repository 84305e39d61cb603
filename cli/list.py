"""The command `list`: list runs."""

from __future__ import annotations

import click
from pydantic import TypeAdapter

from stripe_flows.engine.nearest import nearest
from stripe_flows.engine.types import JSONValue
from stripe_flows.tasks.api.find import (
    Found,
    Wanted,
    reasons_to_wait,
    search_runs,
    wanted_runs,
)
from stripe_flows.tasks.journal.read import RunState

from .output import console, print_json, say
from .run_table import run_table


@click.command("list")
@click.option("--held", is_flag=True, help="List only runs with a call of unknown outcome.")
@click.option("--failed", is_flag=True, help="List only runs that failed.")
@click.option(
    "--running", is_flag=True, help="List only runs with a step that is neither done nor held."
)
@click.option("--flow", metavar="NAME", help="List only runs that were started with this flow.")
@click.option(
    "--since", metavar="AGE|DATE", help="List only runs started since then: 2h, 3d, 2026-11-24."
)
@click.option(
    "--object",
    "object_id",
    metavar="ID",
    help="List only runs whose answers name this Stripe id: pi_…",
)
@click.option("--context", "context_id", metavar="ID", help="List only runs of this context.")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help="List at most so many.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, a list.")
def list_command(
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
    """List runs, newest first, and why they wait. If there are several filters, all have to fit."""
    wanted = wanted_runs(
        context_id=context_id,
        object=object_id,
        held=held,
        failed=failed,
        running=running,
        flow=flow,
        since=since,
    )
    found = search_runs(wanted, limit)
    if as_json:
        why = reasons_to_wait(found.runs)
        plain = TypeAdapter(RunState).dump_python
        listed = [plain(one, mode="json") | {"waits": why.get(one.run_id)} for one in found.runs]
        print_json(list[dict[str, JSONValue]], listed)
    elif found.runs:
        console(wide=True).print(run_table(found.runs, reasons_to_wait(found.runs)))
    else:
        say("no runs")
    if len(found.runs) < limit and (wanted.filters or found.bounded):
        say(_looked(found, wanted))


def _looked(found: Found, wanted: Wanted) -> str:
    """Return how many runs were looked at: a filter found fewer than were asked for."""
    runs = f"{found.looked:,} run" + ("" if found.looked == 1 else "s")
    said = f"looked at {runs}"
    if found.bounded:
        said = (
            f"looked at the newest {runs}, and not at older ones: narrow the search with --since, "
        )
        said += "--context or --object"
    if wanted.flow is not None and wanted.flow not in found.flows and found.flows:
        said += f"; none is of flow {wanted.flow!r}{nearest(wanted.flow, found.flows)}"
    return said
