"""The command `dev`: become the local stack (`dev_stack.py`), which needs the extra `local`."""

from __future__ import annotations

import click

from stripe_flows.tasks.extras import require

from .processes import become


@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def dev(args: tuple[str, ...]) -> None:
    """Run the whole local stack: broker, simulator, worker and Flower."""
    require("local", "the local stack")
    become(["-m", "stripe_flows.cli.dev_stack", *args])
