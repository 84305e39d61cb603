"""The command `flower`: become the Flower dashboard."""

from __future__ import annotations

from pathlib import Path

import click

import stripe_flows
from stripe_flows.tasks.extras import require

from .processes import CELERY, become


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Listen on this port; 5555 by default.")
@click.option("--address", help="Listen on this address; 127.0.0.1 by default.")
def flower(port: int | None, address: str | None) -> None:
    """Run the Flower dashboard, on the loopback and with a password.

    The password is made at the first start and kept in .stripe-flows/flower.password;
    FLOWER_BASIC_AUTH=user:password sets another. Flower's other settings: FLOWER_*.
    """
    require("flower", "the dashboard")
    config = Path(stripe_flows.__file__).with_name("flowerconfig.py")
    command = [*CELERY, "flower", f"--conf={config}"]
    if port is not None:
        command.append(f"--port={port}")
    if address is not None:
        command.append(f"--address={address}")
    become(command)
