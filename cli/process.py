"""Commands that become a process: `worker`, `dev`, `simulator`, `flower`; and `keys`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

import click

import stripe_flows
from stripe_flows.tasks.api.inputs import check_worker_id
from stripe_flows.tasks.extras import require
from stripe_flows.tasks.hint import queue_of
from stripe_flows.tasks.sealing import new_key

_CELERY = ("-m", "celery", "-A", "stripe_flows")


@click.command()
@click.argument("worker_ids", metavar="WORKER_ID...", nargs=-1, required=True)
@click.option("--concurrency", type=click.IntRange(min=1), help="Steps at a time.")
@click.option(
    "--pool",
    type=click.Choice(["threads", "prefork", "solo"]),
    help="Celery's pool; threads by default.",
)
@click.option(
    "--loglevel",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
)
def worker(
    worker_ids: tuple[str, ...], concurrency: int | None, pool: str | None, loglevel: str
) -> None:
    """Run a Celery worker for one or more WORKER_IDs ("default": runs without one)."""
    require("worker", "running a worker")
    queues = ",".join(queue_of(check_worker_id(worker_id)) for worker_id in worker_ids)
    # A name of its own for each: Celery cannot tell two workers of one name apart.
    name = f"{'-'.join(worker_ids)[:100]}-{os.getpid()}@%h"
    command = [*_CELERY, "worker", "-Q", queues, "-n", name, "--loglevel", loglevel]
    if concurrency is not None:
        command += ["--concurrency", str(concurrency)]
    if pool is not None:
        command += ["--pool", pool]
    _become(command)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="5555 by default.")
@click.option("--address", help="127.0.0.1 by default.")
def flower(port: int | None, address: str | None) -> None:
    """Run the Flower dashboard, on the loopback and with a password.

    The password is made at the first start and kept in .stripe-flows/flower.password;
    FLOWER_BASIC_AUTH=user:password sets another. Flower's other settings: FLOWER_*.
    """
    require("flower", "the dashboard")
    config = Path(stripe_flows.__file__).with_name("flowerconfig.py")
    command = [*_CELERY, "flower", f"--conf={config}"]
    if port is not None:
        command.append(f"--port={port}")
    if address is not None:
        command.append(f"--address={address}")
    _become(command)


@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def dev(args: tuple[str, ...]) -> None:
    """Run the whole local stack: broker, simulator, worker and Flower."""
    require("local", "the local stack")
    _become(["-m", "stripe_flows.cli.dev", *args])


@click.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def simulator(args: tuple[str, ...]) -> None:
    """Run the offline Stripe alone, for programs in any language."""
    require("local", "the simulator")
    _become(["-m", "stripe_flows.simulator", *args])


@click.group()
def keys() -> None:
    """Seal keys, which everything that is stored is sealed with."""


@keys.command()
def new() -> None:
    """Make a seal key, for STRIPE_FLOWS_SEAL_KEYS."""
    click.echo(new_key())


def _become(command: list[str]) -> NoReturn:
    """Replaces this process: signals and the exit code are then the command's own."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *command])
