"""The command `worker`: become a Celery worker."""

from __future__ import annotations

import os

import click

from stripe_flows.tasks.api.inputs import check_worker_id
from stripe_flows.tasks.extras import require
from stripe_flows.tasks.hint import queue_of

from .processes import CELERY, become


@click.command()
@click.argument("worker_ids", metavar="WORKER_ID...", nargs=-1, required=True)
@click.option("--concurrency", type=click.IntRange(min=1), help="Run this many steps at a time.")
@click.option(
    "--pool",
    type=click.Choice(["threads", "prefork", "solo"]),
    help="Use this pool of Celery's; threads by default.",
)
@click.option(
    "--loglevel",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="Log from this level on.",
)
def worker(
    worker_ids: tuple[str, ...], concurrency: int | None, pool: str | None, loglevel: str
) -> None:
    """Run a Celery worker for one or more WORKER_IDs ("default" is for runs without one)."""
    require("worker", "running a worker")
    queues = ",".join(queue_of(check_worker_id(worker_id)) for worker_id in worker_ids)
    # A name of its own for each: Celery cannot tell two workers of one name apart.
    name = f"{'-'.join(worker_ids)[:100]}-{os.getpid()}@%h"
    command = [*CELERY, "worker", "-Q", queues, "-n", name, "--loglevel", loglevel]
    if concurrency is not None:
        command += ["--concurrency", str(concurrency)]
    if pool is not None:
        command += ["--pool", pool]
    become(command)
