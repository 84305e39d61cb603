"""The command that tells what scripts can call: `operations`."""

from __future__ import annotations

import sys

import click
from rich.table import Table

from stripe_flows.engine.check.surface import Listed, listed, matching, nearest_operations
from stripe_flows.engine.stripe.catalog import stripe_catalog
from stripe_flows.tasks.cli_common import console, print_json, say
from stripe_flows.tasks.printable import one_line

_NOT_REACHED = "not reached: multipart or binary, on another host"


@click.command()
@click.argument("word", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, a list.")
@click.pass_context
def operations(ctx: click.Context, word: str | None, as_json: bool) -> None:
    """List the operations of Stripe's API that scripts can call.

    WORD: only those that have it in their name, their call or their path. For a pipe: a line each,
    with tabs between operation, call, method, path and the flows that its answers look for.
    """
    rows = list(listed(stripe_catalog()))
    found = rows if word is None else matching(rows, word)
    if word is not None and not found:
        say(_nothing(rows, word))
        ctx.exit(1)
    if as_json:
        print_json(list[Listed], found)
    elif sys.stdout.isatty():
        console(wide=True).print(_table(found))
    else:
        for row in found:
            fields = (row.operation, row.call, row.method, row.path, " ".join(row.flows))
            click.echo("\t".join(fields))


def _nothing(rows: list[Listed], word: str) -> str:
    beyond = [name for name in stripe_catalog().v2 if word.casefold() in name]
    if beyond:
        return f"no operation matches {one_line(word)!r}: Stripe's API v2 is not reached, only v1"
    close = ", ".join(nearest_operations(rows, word))
    return f"no operation matches {one_line(word)!r}; the nearest are {close}"


def _table(rows: list[Listed]) -> Table:
    table = Table(
        box=None,
        pad_edge=False,
        header_style="dim",
        caption="An answer looks for flows/new_<operation>_response.py or _error.py.",
        caption_justify="left",
    )
    for title in ("operation", "call", "request"):
        table.add_column(title, no_wrap=True)
    for row in rows:
        request = f"{row.method} {row.path}"
        table.add_row(
            row.operation, row.call, request if row.reached else f"{request} ({_NOT_REACHED})"
        )
    return table
