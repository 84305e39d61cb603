"""The commands `keys`: make the seal keys that everything in the journal is sealed with."""

from __future__ import annotations

import click

from stripe_flows.tasks.sealing import new_key


@click.group()
def keys() -> None:
    """Make seal keys: everything that is stored is sealed with them."""


@keys.command()
def new() -> None:
    """Make a seal key, for STRIPE_FLOWS_SEAL_KEYS."""
    click.echo(new_key())
