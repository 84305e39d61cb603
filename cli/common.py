"""What the commands share: the two streams, the one JSON document, and how an error ends."""

from __future__ import annotations

import logging
import shutil
import sys
from pathlib import Path
from typing import Any, Final

import click
from pydantic import TypeAdapter
from rich.console import Console
from rich.text import Text

from stripe_flows.engine.errors import JournalError, StripeFlowsError
from stripe_flows.engine.redact import redact
from stripe_flows.tasks.extras import Extra, install_command, missing
from stripe_flows.tasks.journal.read import Status
from stripe_flows.tasks.printable import one_line, printable

BAD_INPUT: Final = 2
HELD: Final = 3
TIMED_OUT: Final = 4
NO_JOURNAL: Final = 5

EXIT_CODES: Final[dict[Status, int]] = {
    "succeeded": 0,
    "failed": 1,
    "cancelled": 1,
    "held": HELD,
    "running": TIMED_OUT,
}
"""What `run` ends with, by the run's status."""

_WIDE = 1000


flows_option = click.option(
    "--flows",
    "folder",
    envvar="STRIPE_FLOWS_FLOWS_DIR",
    type=click.Path(path_type=Path),
    default=Path("flows"),
    show_default=True,
    help="The flows folder.",
)


class Commands(click.Group):
    """A group whose commands end with one line for whatever stripe-flows can explain."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except StripeFlowsError as error:
            text = one_line(redact(str(error)))
            say(Text.assemble(("error: ", "bold red"), text))
            ctx.exit(NO_JOURNAL if isinstance(error, JournalError) else BAD_INPUT)


def without(extra: Extra, name: str, does: str) -> click.Command:
    """A command in the place of one that needs an extra which is not installed; it says so."""

    def refuse(args: tuple[str, ...]) -> None:
        raise missing(extra, f"`stripe-flows {name}`")

    return click.Command(
        name,
        context_settings={"ignore_unknown_options": True},
        callback=refuse,
        params=[click.Argument(["args"], nargs=-1, type=click.UNPROCESSED)],
        help=f"{does}\n\nIt needs: {install_command(extra)}",
    )


def console(*, stderr: bool = False, wide: bool = False) -> Console:
    """A console: colours only on a terminal, and lines are not broken for a pipe.

    `wide`: nor for a terminal, which breaks them itself; for what must not be cut, as in a table.
    """
    stream = sys.stderr if stderr else sys.stdout
    size = shutil.get_terminal_size()
    width = size.columns if stream.isatty() and not wide else _WIDE
    # Both: with a width alone, rich takes 80 columns for a terminal that says it is dumb.
    return Console(file=stream, highlight=False, width=width, height=size.lines, emoji=False)


def say(text: Text | str) -> None:
    """One line for the person, on standard error."""
    shown = text if isinstance(text, Text) else Text(text)
    console(stderr=True).print(shown, soft_wrap=True)


class WarningLines(logging.Handler):
    """Shows the person what the library would write to a log, one line each."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Print the record."""
        say(Text.assemble(("warning: ", "bold yellow"), one_line(redact(record.getMessage()))))


def print_json(kind: Any, value: object) -> None:
    """One JSON document on standard output, with the record's own field names; always UTF-8."""
    click.echo(TypeAdapter(kind).dump_json(value, indent=2))


def write_output(text: str) -> None:
    """What scripts printed, on standard output: as it is for a pipe, harmless for a terminal."""
    click.echo(printable(text) if sys.stdout.isatty() else text, nl=False)
