"""The commands with which a person decides: `resolve`, `retry`, `cancel`."""

from __future__ import annotations

import time
from collections.abc import Sequence

import click
from rich.text import Text

from stripe_flows.engine.errors import InputError, NotOpen
from stripe_flows.tasks.api.decide import (
    Decided,
    cancel_run,
    doubts_about,
    find_run,
    resolve_as_error,
    resolve_as_response,
)
from stripe_flows.tasks.api.decide import (
    retry as retry_step,
)
from stripe_flows.tasks.api.run import Run
from stripe_flows.tasks.api.runs import get_run
from stripe_flows.tasks.app import app
from stripe_flows.tasks.events import Event
from stripe_flows.tasks.object_claim import listed
from stripe_flows.tasks.printable import one_line
from stripe_flows.tasks.services import process_services

from .common import EXIT_CODES, TIMED_OUT, say

_RUN = click.option("--run", "run_id", metavar="RUN", help="The run it is of; found by itself.")
_YES = click.option("--yes", is_flag=True, help="Do not ask.")

_WAIT, _POLL = 30.0, 0.2
"""Seconds: how long `resolve` waits until an object was compared, and how often it looks."""


@click.command()
@click.argument("call")
@click.option("--response", "object_id", metavar="OBJECT", help="It made this object (pi_…).")
@click.option("--error", "as_error", is_flag=True, help="Nothing came of it.")
@_RUN
@_YES
@click.pass_context
def resolve(
    ctx: click.Context,
    call: str,
    object_id: str | None,
    as_error: bool,
    run_id: str | None,
    yes: bool,
) -> None:
    """Settle a held CALL: say what came of it, as Stripe's dashboard shows it.

    --response: a worker retrieves the object and compares it with what the call asked for; if it
    fits, the response flow goes on with it. --error: the error flow goes on.

    Exit code: 0 settled, 2 wrong input, 3 the object does not fit and the call stays held, 4 no
    worker has compared it yet.
    """
    if (object_id is None) != as_error:
        raise InputError("resolve takes either --response OBJECT or --error")
    run, history = _find(call, run_id)
    _say_known(history)
    if object_id is not None:
        ctx.exit(_resolve_with(run, call, object_id, yes))
    if not run.state().cancelled:
        say("if Stripe did it after all, an error flow now runs for money that has moved")
    _ask("state that nothing came of it?", yes)
    _say_decided(resolve_as_error(process_services(app), call, run.id))


def _resolve_with(run: Run, call: str, object_id: str, yes: bool) -> int:
    """Name the object, wait until it was compared, and return the exit code."""
    services = process_services(app)
    doubts = doubts_about(services, call, object_id, run.id)
    if doubts:
        say(Text(f"cannot be compared: {listed(doubts)}", "bold yellow"))
        _ask(f"state that the call made {one_line(object_id)} all the same?", yes)
    step = resolve_as_response(
        services, call, object_id, run.id, accepts=doubts, accepts_all=yes
    ).item
    later = f"{object_id} is compared when a worker runs: stripe-flows show {run.id}"
    try:
        event = _compared(run, step or "")
    except KeyboardInterrupt:
        say(f"not waited for; {later}")
        return TIMED_OUT
    if event is None:
        say(Text(f"not compared yet: {run.stuck() or 'no worker has done it'}", "yellow"))
        say(later)
        return TIMED_OUT
    if event.status == "refused":
        say(Text.assemble(("refused: ", "bold red"), one_line(event.error or "")))
        say(f"call {call} stays held: stripe-flows show {run.id}")
        return EXIT_CODES["held"]
    decided = [one for one in run.history() if one.item == call]
    notes = [one.error for one in decided if one.status == "resolved" and one.error]
    say(f"done: {one_line(notes[-1])}" if notes else "done")
    follows = [made.item for one in decided if one.kind == "call" for made in one.created]
    what = f"step {follows[-1]} follows" if follows else "nothing follows"
    say(f"{what}: stripe-flows show {run.id}")
    return 0


def _compared(run: Run, step: str) -> Event | None:
    """Wait until the retrieval `step` has ended; return its last event, None if it has not ended."""
    until = time.monotonic() + _WAIT
    while True:
        going = [item for item in run.open_items() if item.item == step]
        ended = [
            event
            for event in run.history()
            if event.item == step and event.status in ("response", "refused")
        ]
        if ended:
            return ended[-1]
        if not going or time.monotonic() > until:
            return None
        if going[0].state == "published" and not _consumed(going[0].queue):
            return None
        time.sleep(_POLL)


def _consumed(queue: str) -> bool:
    return bool(process_services(app).workers.consuming(queue))


@click.command()
@click.argument("step")
@click.option("--same", is_flag=True, help="With the same idempotency key: never charges twice.")
@click.option(
    "--new-key", is_flag=True, help="With a new one: does it, whatever came of the first."
)
@_RUN
@_YES
def retry(step: str, same: bool, new_key: bool, run_id: str | None, yes: bool) -> None:
    """Try a held call, or a STEP that failed its run, again."""
    if same == new_key:
        raise InputError("retry takes either --same or --new-key")
    run, history = _find(step, run_id)
    if new_key and any(event.kind == "call" for event in history):
        _say_known(history)
        say(
            Text(
                "with a new key Stripe takes it for another request: if the first was carried out, "
                "this one charges a second time",
                "bold yellow",
            )
        )
        _ask("send it with a new key?", yes)
    _say_decided(retry_step(process_services(app), step, "same" if same else "new_key", run.id))


@click.command()
@click.argument("run_id", metavar="RUN")
@_YES
def cancel(run_id: str, yes: bool) -> None:
    """Cancel a RUN: what has not begun never does, and nothing follows what has."""
    run = get_run(run_id)
    going = [item.name for item in run.open_items() if item.state == "begun"]
    if going:
        say(f"begun, and not taken back: {', '.join(going)}")
    _ask(f"cancel {run.id}?", yes)
    closed = cancel_run(process_services(app), run.id)
    say(f"cancelled; {closed} step{'' if closed == 1 else 's'} will never begin")
    for item in run.open_items():
        if item.held:
            say(f"still to be settled: {item.name} {item.item}; see stripe-flows show {run.id}")


def _find(step: str, run_id: str | None) -> tuple[Run, list[Event]]:
    """The run of a step, and what the record has of the step."""
    run = get_run(run_id or find_run(process_services(app), step))
    found = [event for event in run.history() if event.item == step]
    if not found:
        raise NotOpen(f"run {run.id!r} has no step {step!r}")
    return run, found


def _say_known(history: Sequence[Event]) -> None:
    """What is known of a call: each attempt, and how it ended."""
    attempts = [event for event in history if event.kind == "call"]
    if attempts:
        last = attempts[-1]
        say(Text(f"{last.operation} {last.item}, attempts so far: {last.attempt}", "bold"))
    for event in attempts:
        say(
            f"  {event.time:%Y-%m-%d %H:%M:%S} UTC  attempt {event.attempt}  "
            f"{event.status.replace('_', ' ')}"
            + (f": {one_line(event.error)}" if event.error else "")
        )


def _ask(question: str, yes: bool) -> None:
    if not yes:
        click.confirm(question, abort=True, err=True)


def _say_decided(decided: Decided) -> None:
    say(
        f"done; step {decided.item} follows: stripe-flows show {decided.run}"
        if decided.item
        else f"done; nothing follows: stripe-flows show {decided.run}"
    )
