"""The command `simulator`: become the offline Stripe, which needs the extra `local`."""

from __future__ import annotations

import click

from stripe_flows.tasks.extras import require

from .processes import become


@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def simulator(args: tuple[str, ...]) -> None:
    """Run the offline Stripe alone, for programs in any language."""
    require("local", "the simulator")
    become(["-m", "stripe_flows.simulator", *args])
