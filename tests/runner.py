"""Runs a command in this process, with its two streams apart, under every click that is supported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import signature
from typing import Any

from click.testing import CliRunner, Result

from stripe_flows.cli.main import cli

# Click before 8.2 mixes the streams unless it is asked not to; later ones no longer have the option.
_APART: dict[str, Any] = (
    {"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}
)


def run_cli(
    args: Sequence[str], *, given: str | None = None, env: Mapping[str, str | None] | None = None
) -> Result:
    """Run `stripe-flows` with `args`; `given` is its standard input."""
    return CliRunner(**_APART).invoke(cli, args, input=given, env=env)
