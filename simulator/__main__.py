"""`python -m stripe_flows.simulator`: the simulator as a process."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from pathlib import Path

import click

from stripe_flows.simulator.objects.state import NoState, State, StateFile

from .server import HOST, Server
from .simulation import make_simulation

PARENT_POLL_SECONDS = 0.5


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0: any free one.")
@click.option("--state", "state_path", default="none", help="A file to keep the state in, or none.")
@click.option(
    "--latency", type=click.FloatRange(min=0), default=0.0, help="Seconds an execution takes."
)
@click.option("--seed-customer", "customers", multiple=True, help="Id of a customer that is there.")
@click.option("--die-with-parent", is_flag=True, help="End when the starting process is gone.")
def main(
    port: int, state_path: str, latency: float, customers: tuple[str, ...], die_with_parent: bool
) -> None:
    """A stand-in for Stripe on 127.0.0.1; prints `ready URL` once it listens."""
    state = _open_state(state_path)
    try:
        server = Server(make_simulation(state, customers=customers), latency=latency)
        asyncio.run(_serve(server, port, die_with_parent))
    finally:
        state.close()


def _open_state(path: str) -> State:
    if path == "none":
        return NoState()
    try:
        return StateFile(Path(path))
    except (sqlite3.Error, OSError) as error:
        raise click.ClickException(f"the state file {path} cannot be used: {error}") from None


async def _serve(server: Server, port: int, die_with_parent: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    parent = os.getppid()
    try:
        bound = server.listen(port)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise click.ClickException(
            f"cannot listen on {HOST}:{port}: {reason}; choose another --port"
        ) from None
    click.echo(f"ready http://{HOST}:{bound}")
    sys.stdout.flush()
    while not stop.is_set():
        timeout = PARENT_POLL_SECONDS if die_with_parent else None
        try:
            await asyncio.wait_for(stop.wait(), timeout)
        except TimeoutError:
            if os.getppid() != parent:
                break
    server.stop()


if __name__ == "__main__":
    main()
