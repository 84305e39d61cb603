"""The command `run`: start a flow, and print its output as it comes."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import click
from rich.text import Text

from stripe_flows.engine.errors import InputError
from stripe_flows.tasks.api.run import Run
from stripe_flows.tasks.api.start import start_or_find
from stripe_flows.tasks.journal.read import RunState, RunStatus
from stripe_flows.tasks.printable import one_line

from .commands import EXIT_CODES, TIMED_OUT
from .interrupt import Interrupt
from .output import print_json, say, write_output
from .timeline import STATUS_STYLES

_POLL = 0.2
"""Seconds."""


@click.command()
@click.argument("flow", required=False)
@click.option(
    "--script",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Run this file instead of a flow of the flows folder.",
)
@click.option(
    "--params", metavar="JSON|@FILE", help="Pass this JSON object as the script's params."
)
@click.option("--worker-id", default="default", show_default=True, help="Run on these workers.")
@click.option("--context-id", help="Use this name for the piece of business.")
@click.option("--run-id", help="Use your own id: a second start with it starts nothing.")
@click.option(
    "--stripe-secret",
    metavar="env:NAME|-",
    help="Use a key in a variable of the workers, or - to read a key from standard input. "
    "Default: env:STRIPE_SECRET_KEY.",
)
@click.option("--timeout", type=click.FloatRange(min=0), help="Wait so many seconds for the end.")
@click.option("--no-wait", is_flag=True, help="Print the run's id, and do not wait.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document at the end.")
@click.pass_context
def run(
    ctx: click.Context,
    flow: str | None,
    script: Path | None,
    params: str | None,
    worker_id: str,
    context_id: str | None,
    run_id: str | None,
    stripe_secret: str | None,
    timeout: float | None,
    no_wait: bool,
    as_json: bool,
) -> None:
    """Start FLOW ("main" is flows/main.py), and print its scripts' output.

    The run's id is printed before the start, on standard error. Ctrl-C ends the command, but the run
    goes on; the same command with --run-id follows it again.

    Exit code: 0 it succeeded, 1 it failed or was cancelled, 2 wrong input, 3 a call is held, 4 the
    time was up (the run goes on), 5 the journal does not answer, 130 Ctrl-C (the run goes on).
    """
    text, given, secret = _text(script), _params(params), _secret(stripe_secret)
    interrupt = Interrupt()

    def announce(run_id: str) -> None:
        interrupt.starting(run_id)
        say(Text.assemble("starting ", (run_id, "bold")))

    with interrupt.watching():
        start = start_or_find(
            flow,
            script=text,
            params=given,
            worker_id=worker_id,
            context_id=context_id,
            stripe_secret=secret,
            run_id=run_id,
            announce=announce,
        )
        started = start.run
        interrupt.following(started.id)
        if start.started_before is not None:
            _say_before(started, start.started_before, follows=not no_wait)
        if not no_wait:
            status = _follow(started, timeout, quiet=as_json)
            if status != "running":
                interrupt.ended(started.id)
        state = started.state()
        if as_json:
            print_json(dict[str, RunState | str], {"run": state, "output": started.output()})
        elif no_wait:
            click.echo(started.id)
        else:
            _say_end(state, status, _why(started) if status != "succeeded" else None)
        ctx.exit(0 if no_wait else EXIT_CODES[status])


_ENDED: Final[Mapping[RunStatus, str]] = {
    "succeeded": "has succeeded",
    "failed": "has failed",
    "held": "is held",
    "cancelled": "was cancelled",
}


def _say_before(run: Run, seconds: float, *, follows: bool) -> None:
    """Report an earlier start: the output that follows is that start's."""
    status = run.status()
    if status == "running":
        what = "; following it" if follows else "; it goes on"
    else:
        what = f", and {_ENDED[status]}; nothing is started again"
    say(
        Text(f"run {run.id} was started before, {_roughly(seconds)} ago{what}", "yellow"),
    )


def _roughly(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _follow(run: Run, timeout: float | None, *, quiet: bool) -> RunStatus:
    """Print the output as it comes; return the status at the end, or when the time is up."""
    until = None if timeout is None else time.monotonic() + timeout
    seen, shown = 0, ""
    while True:
        status = run.status()
        events = run.history()
        if not quiet:
            write_output("".join(event.output for event in events[seen:]))
            sys.stdout.flush()
        seen = len(events)
        now = time.monotonic()
        if status != "running" or (until is not None and now >= until):
            return status
        why = run.stuck()
        if why and why != shown:
            say(Text(why, "yellow"))
            shown = why
        try:
            run.wait(_POLL if until is None else min(_POLL, until - now))
        except TimeoutError:
            continue


def _why(run: Run) -> str | None:
    """Return the newest reason why the run did not succeed, if there is one."""
    wrong = [e.error for e in run.history() if e.is_wrong or e.status in ("put_off", "stuck")]
    return wrong[-1] if wrong else None


def _say_end(state: RunState, status: RunStatus, why: str | None) -> None:
    took = ((state.ended - state.started).total_seconds()) if state.ended else None
    line = Text.assemble((state.run_id, "bold"), " ", (status, STATUS_STYLES[status]))
    if took is not None:
        line.append(f" in {took:.2f} s")
    if EXIT_CODES[status] == TIMED_OUT:
        line.append(" still; the time to wait is over")
    if why:
        line.append(f": {one_line(why)}")
    if status != "succeeded":
        line.append(f"; see stripe-flows show {state.run_id}")
    say(line)


def _text(script: Path | None) -> str | None:
    if script is None:
        return None
    try:
        return script.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--script {script}: {error}") from None


def _params(given: str | None) -> dict[str, Any] | None:
    if given is None:
        return None
    where = "--params"
    if given.startswith("@"):
        where = given[1:]
        try:
            given = Path(where).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"--params {where}: {error}") from None
    try:
        found = json.loads(given)
    except ValueError as error:
        raise InputError(f"{where} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise InputError(f"{where} is a JSON {_kind(found)}, not an object")
    return cast(dict[str, Any], found)


def _secret(given: str | None) -> str | None:
    if given is None or given.startswith("env:"):
        return given
    if given != "-":
        raise InputError(
            "--stripe-secret accepts env:NAME or - (standard input), and no key: others on this "
            "machine can read a command line"
        )
    if sys.stdin.isatty():
        return str(click.prompt("Stripe key", hide_input=True, err=True)).strip()
    return sys.stdin.readline().strip()


def _kind(value: object) -> str:
    kinds = {list: "list", str: "string", bool: "boolean", type(None): "null"}
    return kinds.get(type(value), "number")
