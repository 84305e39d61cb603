"""Write for people and programs: lines on standard error, output and JSON on standard output."""

from __future__ import annotations

import logging
import shutil
import sys
from typing import Any

import click
from pydantic import TypeAdapter
from rich.console import Console
from rich.text import Text

from stripe_flows.engine.redact import redact
from stripe_flows.tasks.printable import one_line, printable

_WIDE = 1000


def console(*, stderr: bool = False, wide: bool = False) -> Console:
    """Return a console that has colours, and breaks lines, only on a terminal.

    `wide` leaves the lines whole there too, for tables: the terminal breaks them instead.
    """
    stream = sys.stderr if stderr else sys.stdout
    size = shutil.get_terminal_size()
    width = size.columns if stream.isatty() and not wide else _WIDE
    # Both: with a width alone, rich assumes 80 columns for a terminal that says it is dumb.
    return Console(file=stream, highlight=False, width=width, height=size.lines, emoji=False)


def say(text: Text | str) -> None:
    """Write one line for the person to standard error."""
    shown = text if isinstance(text, Text) else Text(text)
    console(stderr=True).print(shown, soft_wrap=True)


class WarningLines(logging.Handler):
    """A log handler that shows the library's warnings to the person, one line each."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record to standard error."""
        say(Text.assemble(("warning: ", "bold yellow"), one_line(redact(record.getMessage()))))


def print_json(kind: Any, value: object) -> None:
    """Print one JSON document with the record's own field names, always in UTF-8."""
    click.echo(TypeAdapter(kind).dump_json(value, indent=2))


def write_output(text: str) -> None:
    """Print a script's output: unchanged to a pipe, without control characters to a terminal."""
    click.echo(printable(text) if sys.stdout.isatty() else text, nl=False)
