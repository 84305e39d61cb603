"""The command `retry`: try a held or failed step again."""

from __future__ import annotations

import click
from rich.text import Text

from stripe_flows.engine.errors import InputError

from .commands import confirm, run_option, yes_option
from .held_step import find_step, say_attempts, say_done
from .output import say


@click.command()
@click.argument("item_id", metavar="STEP")
@click.option("--same", is_flag=True, help="Keep the idempotency key: never charges twice.")
@click.option(
    "--new-key", is_flag=True, help="Use a new key: sends it, whatever came of the first one."
)
@run_option
@yes_option
def retry(item_id: str, same: bool, new_key: bool, run_id: str | None, yes: bool) -> None:
    """Try a held call, or a STEP that failed its run, again."""
    if same == new_key:
        raise InputError("retry needs either --same or --new-key")
    run, history = find_step(item_id, run_id)
    if new_key and any(event.kind == "call" for event in history):
        say_attempts(history)
        say(
            Text(
                "with a new key Stripe treats it as another request: if the first one was carried "
                "out, this one charges a second time",
                "bold yellow",
            )
        )
        confirm("send it with a new key?", yes)
    say_done(run, run.retry(item_id, new_key=new_key))
