"""The parts that commands share: their group, exit codes, options, stand-ins for missing extras."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click
from rich.text import Text

from stripe_flows.engine.errors import JournalError, StripeFlowsError
from stripe_flows.engine.redact import redact
from stripe_flows.tasks.extras import Extra, install_command, missing
from stripe_flows.tasks.journal.read import RunStatus
from stripe_flows.tasks.printable import one_line

from .output import say

BAD_INPUT: Final = 2
HELD: Final = 3
TIMED_OUT: Final = 4
NO_JOURNAL: Final = 5

EXIT_CODES: Final[dict[RunStatus, int]] = {
    "succeeded": 0,
    "failed": 1,
    "cancelled": 1,
    "held": HELD,
    "running": TIMED_OUT,
}
"""The exit codes of `run`, by the run's status."""

flows_option = click.option(
    "--flows",
    "folder",
    envvar="STRIPE_FLOWS_FLOWS_DIR",
    type=click.Path(path_type=Path),
    default=Path("flows"),
    show_default=True,
    help="Use this flows folder.",
)
run_option = click.option(
    "--run", "run_id", metavar="RUN", help="Name the step's run; it is searched for otherwise."
)
yes_option = click.option("--yes", is_flag=True, help="Answer all questions with yes.")


class Commands(click.Group):
    """A group of commands that report a StripeFlowsError in one line and by the exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except StripeFlowsError as error:
            text = one_line(redact(str(error)))
            say(Text.assemble(("error: ", "bold red"), text))
            ctx.exit(NO_JOURNAL if isinstance(error, JournalError) else BAD_INPUT)


def without(extra: Extra, name: str, does: str) -> click.Command:
    """Return a stand-in for a command whose extra is not installed; it says what to install."""

    def refuse(args: tuple[str, ...]) -> None:
        raise missing(extra, f"`stripe-flows {name}`")

    return click.Command(
        name,
        context_settings={"ignore_unknown_options": True},
        callback=refuse,
        params=[click.Argument(["args"], nargs=-1, type=click.UNPROCESSED)],
        help=f"{does}\n\nIt needs: {install_command(extra)}",
    )


def confirm(question: str, yes: bool) -> None:
    """Ask the person, unless `yes`; abort the command if the answer is no."""
    if not yes:
        click.confirm(question, abort=True, err=True)
