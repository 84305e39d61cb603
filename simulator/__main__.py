"""`stripe-flows simulator`, or `python -m stripe_flows.simulator`: the simulator as a process."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from pathlib import Path

import click

from .objects.state import NoState, State, StateFile
from .server import HOST, Server
from .simulation import make_simulation

DEFAULT_PORT = 12111
PARENT_POLL_SECONDS = 0.5


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes any free port.",
)
@click.option(
    "--state",
    "state_path",
    metavar="FILE",
    default="none",
    help="File that keeps objects, events and saved answers; none keeps them in memory.",
)
@click.option(
    "--seed",
    type=int,
    help="Make ids and the draws of faults the same at each start; random ids by default.",
)
@click.option(
    "--latency",
    type=click.FloatRange(min=0),
    default=0.0,
    help="Seconds that each request takes; 0 by default.",
)
@click.option(
    "--seed-customer",
    "customers",
    metavar="ID",
    multiple=True,
    help="Id of a customer that exists from the start; may be repeated.",
)
@click.option("--die-with-parent", is_flag=True, help="End when the starting process has ended.")
def main(
    port: int,
    state_path: str,
    seed: int | None,
    latency: float,
    customers: tuple[str, ...],
    die_with_parent: bool,
) -> None:
    """Run the offline Stripe on 127.0.0.1, for programs in any language. Ctrl-C ends it.

    Accepts any key that begins with sk_test_ or rk_test_.
    """
    state = _open_state(state_path)
    try:
        simulation = make_simulation(state, customers=customers, seed=seed)
        asyncio.run(_serve(Server(simulation, latency=latency), port, die_with_parent))
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
            f"cannot listen on {HOST}:{port}: {reason}; choose another --port, 0 for any free one"
        ) from None
    url = f"http://{HOST}:{bound}"
    click.echo(f"ready {url}")
    click.echo(
        f"Set the API base of your Stripe SDK to {url} (Python: "
        f'stripe.StripeClient("sk_test_...", base_addresses={{"api": "{url}"}})); '
        f"for stripe-flows: export STRIPE_API_BASE={url}"
    )
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
    main(prog_name="stripe-flows simulator")
