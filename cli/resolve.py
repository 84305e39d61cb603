"""The command `resolve`: settle a held call with what a person knows of it."""

from __future__ import annotations

import time

import click
from rich.text import Text

from stripe_flows.engine.errors import InputError
from stripe_flows.tasks.api.decide import doubts_about, resolve_as_response
from stripe_flows.tasks.api.run import Run
from stripe_flows.tasks.api.services import caller_services
from stripe_flows.tasks.events import Event
from stripe_flows.tasks.object_claim import listed
from stripe_flows.tasks.printable import one_line

from .commands import HELD, TIMED_OUT, confirm, run_option, yes_option
from .held_step import find_step, say_attempts, say_done
from .output import say

_WAIT, _POLL = 30.0, 0.2
"""Seconds that `resolve` waits for the comparison, and between two looks at it."""


@click.command()
@click.argument("call_id", metavar="CALL")
@click.option("--response", "object_id", metavar="OBJECT", help="State that it made this object.")
@click.option("--error", "as_error", is_flag=True, help="State that nothing came of it.")
@run_option
@yes_option
@click.pass_context
def resolve(
    ctx: click.Context,
    call_id: str,
    object_id: str | None,
    as_error: bool,
    run_id: str | None,
    yes: bool,
) -> None:
    """Settle a held CALL: state what came of it, as Stripe's dashboard shows it.

    --response: a worker retrieves the object (pi_…) and compares it with the call's request; if it
    fits, the response flow runs with it. --error: the error flow runs.

    Exit code: 0 settled, 2 wrong input, 3 the object does not fit and the call stays held, 4 no
    worker has compared it yet.
    """
    if (object_id is None) != as_error:
        raise InputError("resolve needs either --response OBJECT or --error")
    run, history = find_step(call_id, run_id)
    say_attempts(history)
    if object_id is not None:
        ctx.exit(_resolve_with(run, call_id, object_id, yes))
    if not run.state().cancelled:
        say("if Stripe carried it out after all, an error flow now runs for money that has moved")
    confirm("state that nothing came of it?", yes)
    say_done(run, run.resolve(call_id, error=True))


def _resolve_with(run: Run, call_id: str, object_id: str, yes: bool) -> int:
    """Name the object, wait for the comparison, and return the exit code."""
    services = caller_services()
    doubts = doubts_about(services, run.id, call_id, object_id)
    if doubts:
        say(Text(f"cannot be compared: {listed(doubts)}", "bold yellow"))
        confirm(f"state that the call made {one_line(object_id)} all the same?", yes)
    retrieval_id = resolve_as_response(
        services, run.id, call_id, object_id, accepts=doubts, accepts_all=yes
    )
    later = f"{object_id} is compared when a worker runs: stripe-flows show {run.id}"
    try:
        event = _compared(run, retrieval_id)
    except KeyboardInterrupt:
        say(f"not waited for; {later}")
        return TIMED_OUT
    if event is None:
        say(Text(f"not compared yet: {run.stuck() or 'no worker has done it'}", "yellow"))
        say(later)
        return TIMED_OUT
    if event.status == "refused":
        say(Text.assemble(("refused: ", "bold red"), one_line(event.error or "")))
        say(f"call {call_id} stays held: stripe-flows show {run.id}")
        return HELD
    decided = [one for one in run.history() if one.item == call_id]
    notes = [one.error for one in decided if one.status == "resolved" and one.error]
    say(f"done: {one_line(notes[-1])}" if notes else "done")
    follows = [made.item for one in decided if one.kind == "call" for made in one.created]
    what = f"step {follows[-1]} follows" if follows else "nothing follows"
    say(f"{what}: stripe-flows show {run.id}")
    return 0


def _compared(run: Run, retrieval_id: str) -> Event | None:
    """Wait until the retrieval has ended and return its last event; None if it does not end."""
    until = time.monotonic() + _WAIT
    while True:
        item = next((item for item in run.open_items() if item.item == retrieval_id), None)
        ended = [
            event
            for event in run.history()
            if event.item == retrieval_id and event.status in ("response", "refused")
        ]
        if ended:
            return ended[-1]
        if item is None or time.monotonic() > until:
            return None
        if item.state == "published" and not caller_services().workers.consuming(item.queue):
            return None
        time.sleep(_POLL)
