"""The command `stripe-flows`.

Each command is in a file of its name. Exit codes: 0 success, 1 the run failed or was cancelled, 2 wrong
input, 3 held, 4 the time was up, 5 the journal does not answer.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, Sequence

import click

from stripe_flows.local.environment import clean_environment
from stripe_flows.local.stack_folder import running_environment
from stripe_flows.tasks.extras import installed
from stripe_flows.tasks.private_file import FOLDER
from stripe_flows.tasks.unknown_settings import report_unknown_variables
from stripe_flows.tasks.version import VERSION

from .cancel import cancel
from .commands import Commands, without
from .dev import dev
from .flower import flower
from .init import init
from .keys import keys
from .list import list_command
from .operations import operations
from .output import WarningLines, say
from .resolve import resolve
from .retry import retry
from .run import run
from .show import show
from .simulator import simulator
from .standard_streams import prepare_streams
from .stubs import stubs
from .worker import worker

if installed("worker"):  # it has the sandbox, which parses scripts
    from .check import check
else:
    check = without(
        "worker", "check", "Read flows without running them, and report their mistakes."
    )

if not installed("local"):
    # They hand on `-h` to a process that could not start.
    dev = without("local", "dev", dev.help or "")
    simulator = without("local", "simulator", simulator.help or "")

_USE_A_STACK = {"run", "show", "list", "worker", "flower", "resolve", "retry", "cancel"}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="stripe-flows", message="%(prog)s %(version)s")
def cli() -> None:
    """Run Stripe flows as small scripts, in the background, with Celery."""


for _command in (
    init,
    run,
    show,
    list_command,
    worker,
    dev,
    simulator,
    flower,
    resolve,
    retry,
    cancel,
    keys,
    check,
    operations,
    stubs,
):
    cli.add_command(_command)


def main() -> None:
    """Run the command line."""
    prepare_streams()
    logging.getLogger("stripe_flows").addHandler(WarningLines())
    if sys.argv[1:2] != ["worker"]:  # it reports them in its log
        report_unknown_variables()
    env = local_environment(sys.argv[1:], os.environ)
    if env is not None:
        say(f"using the local stack of {FOLDER.resolve()}")
        sys.stderr.flush()
        # Celery's settings were read at import, so only a new process can have others.
        command = [sys.executable, "-m", "stripe_flows.cli", *sys.argv[1:]]
        os.execve(sys.executable, command, env)
    cli(prog_name="stripe-flows")


def local_environment(args: Sequence[str], environ: Mapping[str, str]) -> dict[str, str] | None:
    """Return the environment for a command that finds `stripe-flows dev` running in its folder.

    Return None if the command needs no deployment, or if the caller names another one by a seal key.
    """
    if not args or args[0] not in _USE_A_STACK or environ.get("STRIPE_FLOWS_SEAL_KEYS"):
        return None
    found = running_environment(FOLDER)
    return None if found is None else clean_environment(environ) | found


if __name__ == "__main__":
    main()
