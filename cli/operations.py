"""The command `operations`: list what scripts can call, and the parameters."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import click
from rich.table import Table
from rich.text import Text

from stripe_flows.engine.check.operations import Listed, listed, matching, nearest_operations
from stripe_flows.engine.check.parameters import Parameter, flat, parameter_at, parameters_of
from stripe_flows.engine.stripe.catalog import stripe_catalog
from stripe_flows.tasks.printable import one_line

from .output import console, print_json, say

_MOST_INSIDE = 15
"""Limit of the nested parameters that are listed with their parameter."""

_MOST_VALUES = 12

_NOT_REACHED = "not reached: multipart or binary, on another host"


@click.command()
@click.argument("word", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, a list.")
@click.pass_context
def operations(ctx: click.Context, word: str | None, as_json: bool) -> None:
    """List the operations of Stripe's API that scripts can call, or the parameters of one.

    WORD: list only operations with it in their name, call or path. The whole name of an operation,
    such as create_payment_intent, lists its parameters; create_payment_intent.shipping lists those
    nested in one.

    To a pipe, it prints a line for each, with tabs between operation, call, method, path and the
    names of the flows that continue it. The line of a single operation is followed by a line for
    each parameter, with tabs between its path, its type, "required" or nothing, and its values.
    """
    rows = list(listed(stripe_catalog()))
    name, _, path = (word or "").partition(".")
    one = next((row for row in rows if row.operation == name), None)
    if one is not None:
        _print_one(one, path, as_json)
        return
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


@dataclass(frozen=True)
class Detailed(Listed):
    """One operation, with its parameters."""

    parameters: tuple[Parameter, ...]


def _print_one(row: Listed, path: str, as_json: bool) -> None:
    catalog = stripe_catalog()
    parameters = parameters_of(catalog, catalog.operations[row.operation])
    if path:
        parameters = (parameter_at(parameters, path),)
    if as_json:
        print_json(list[Detailed], [Detailed(**asdict(row) | {"parameters": parameters})])
        return
    # The named parameter is always opened, however many are nested in it.
    top = ((parameters[0], False), *flat(parameters[0].parameters, _MOST_INSIDE)) if path else ()
    found = top or tuple(flat(parameters, _MOST_INSIDE))
    if not sys.stdout.isatty():
        fields = (row.operation, row.call, row.method, row.path, " ".join(row.flows))
        click.echo("\t".join(fields))
        for parameter, closed in found:
            required = "required" if parameter.required else ""
            values = _values(parameter, row.operation, closed)
            click.echo("\t".join((parameter.name, parameter.type, required, values)))
        return
    out = console(wide=True)
    out.print(Text.assemble((row.operation, "bold"), f"  {row.call}  {row.method} {row.path}"))
    if not row.reached:
        out.print(Text(_NOT_REACHED, "yellow"))
    out.print(Text(f"answers look for flows/{'.py or flows/'.join(row.flows)}.py", "dim"))
    out.print(_parameter_table(row.operation, found) if found else Text("it has no parameters"))


def _parameter_table(operation: str, rows: Sequence[tuple[Parameter, bool]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("parameter", "type", "", "values"):
        table.add_column(title, no_wrap=True)
    for parameter, closed in rows:
        table.add_row(
            Text(parameter.name, "bold" if parameter.required else ""),
            parameter.type,
            Text("required" if parameter.required else "", "yellow"),
            Text(_values(parameter, operation, closed)),
        )
    return table


def _values(parameter: Parameter, operation: str, closed: bool) -> str:
    """Return the parameter's values, or the command that lists its nested parameters."""
    if closed:
        name = parameter.name.replace("[]", "")
        return f"{parameter.count} in it: stripe-flows operations {operation}.{name}"
    values = [str(value) for value in parameter.values]
    said = ", ".join(values[:_MOST_VALUES])
    if values[_MOST_VALUES:]:
        said += f" and {len(values) - _MOST_VALUES} more"
    if parameter.unsets:
        said += f"{'; ' if said else ''}an empty string unsets it"
    return said


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
