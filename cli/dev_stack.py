"""The process of `stripe-flows dev`: the local stack in the foreground, with one readable stream.

The processes write to log files, which this one follows: so it needs no threads, and the lines before
a crash can be read later.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console
from rich.text import Text

from stripe_flows.dashboard.login import USER
from stripe_flows.engine.errors import InputError
from stripe_flows.engine.flow import FlowFolder
from stripe_flows.engine.redact import redact
from stripe_flows.engine.stripe.keys import is_test
from stripe_flows.local.broker import port_or_free
from stripe_flows.local.process import ProcessFailed
from stripe_flows.local.signals import EndRequested, until_end_requested
from stripe_flows.local.stack import DEMO_CUSTOMER, Stack
from stripe_flows.local.stack_folder import SHELL, AlreadyRuns, announce, claim
from stripe_flows.tasks.api.inputs import check_worker_id
from stripe_flows.tasks.hint import queue_of
from stripe_flows.tasks.printable import printable
from stripe_flows.tasks.private_file import FOLDER

from .example_flows import RUN_WELCOME
from .init import has_flows, make_flows
from .process_log import ProcessLog
from .standard_streams import prepare_streams

_FLOWER_PORT = 5555
_POLL = 0.1
_QUICK = {
    # On one person's machine: repair a lost hint quickly; idle sweeps cost little.
    "STRIPE_FLOWS_SWEEP_INTERVAL": "0.5",
    "STRIPE_FLOWS_GRACE": "5",
}


@click.command("dev", context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--flows",
    "flows_dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(os.environ.get("STRIPE_FLOWS_FLOWS_DIR") or "flows"),
    help="Use this flows folder.  [default: ./flows]",
)
@click.option("--stripe", is_flag=True, help="Use Stripe itself, with STRIPE_SECRET_KEY.")
@click.option("--flower/--no-flower", default=True, help="Run the dashboard.")
@click.option(
    "--flower-port",
    type=click.IntRange(1, 65535),
    help=f"Run the dashboard on this port.  [default: {_FLOWER_PORT}, or a free one]",
)
@click.option(
    "--latency",
    type=click.FloatRange(min=0),
    default=0.0,
    help="Delay each answer of the simulator by so many seconds.",
)
@click.option(
    "--worker-id",
    "worker_ids",
    multiple=True,
    default=("default", "worker-1"),
    show_default=True,
    help="Run a worker for this worker_id; can be given several times.",
)
def dev(
    flows_dir: Path,
    stripe: bool,
    flower: bool,
    flower_port: int | None,
    latency: float,
    worker_ids: tuple[str, ...],
) -> None:
    """Run the whole local stack: broker, simulator, worker and Flower. Ctrl-C ends it.

    Its state is kept in .stripe-flows/. In another terminal in the same folder, stripe-flows run,
    show and the other commands use it automatically.
    """
    console = Console(highlight=False, emoji=False, soft_wrap=True)
    try:
        _offer_flows(flows_dir)
        with until_end_requested(), claim(FOLDER):
            stack = Stack(
                FOLDER,
                flows_dir=flows_dir,
                queues=[queue_of(check_worker_id(worker_id)) for worker_id in worker_ids],
                flower=flower,
                flower_port=_flower_port(flower_port) if flower else 0,
                simulator_latency=latency,
                stripe_key=_key() if stripe else None,
                keep_state=True,
                extra_env=_QUICK,
            )
            console.print(Text("starting …", "dim"))
            with stack:
                announce(FOLDER, stack.env)
                _welcome(console, stack, flows_dir, worker_ids)
                _watch(console, stack)
    except (AlreadyRuns, InputError) as error:
        _fail(str(error), 2)
    except ProcessFailed as error:
        _fail(f"{error}\neverything is stopped; the logs are in {FOLDER / 'logs'}", 1)
    except EndRequested:
        console.print(Text("stopped", "dim"))


def _watch(console: Console, stack: Stack) -> None:
    """Show the lines of the processes' logs until one of them ends. Raises ProcessFailed."""
    logs = [ProcessLog(process.name, process.log) for process in stack.processes if process.log]
    width = max(len(log.name) for log in logs)
    while True:
        for log in logs:
            for line in log.lines():
                console.print(
                    Text.assemble((f"{log.name:<{width}}  ", log.style), printable(redact(line)))
                )
        for process in stack.processes:
            if not process.running:
                raise ProcessFailed(
                    f"{process.name} ended unexpectedly, with exit code {process.exit_code}\n"
                    f"{process.tail()}"
                )
        time.sleep(_POLL)


def _welcome(console: Console, stack: Stack, flows_dir: Path, worker_ids: tuple[str, ...]) -> None:
    rows = [
        ("broker", f"{stack.broker.url}  (journal and broker)"),
        ("simulator", stack.simulator_url or "none: Stripe itself, https://api.stripe.com"),
        ("worker", f"for {', '.join(worker_ids)}; flows from {flows_dir}/"),
    ]
    if stack.flower is not None:
        login = stack.flower_login
        rows.append(("flower", f"{stack.flower_url}  user {USER}, password {login.password}"))
    for name, what in rows:
        console.print(Text.assemble((f"  {name:<10}", "bold"), what))
    customer = DEMO_CUSTOMER if stack.simulator_url else "cus_…"
    example = f"""stripe-flows run main --params '{{"customer": "{customer}"}}'"""
    if (flows_dir / "welcome.py").is_file() and not (flows_dir / "main.py").is_file():
        example = RUN_WELCOME
    console.print(Text("\nstart a run, in another terminal in this folder:"))
    console.print(Text(f"  {example}", "bold green"))
    console.print(Text("or a program of your own that calls start_flow; before it, in its shell:"))
    console.print(Text(f"  . {FOLDER / SHELL}", "bold green"))
    console.print(
        Text("changes in the flows folder apply from the next run on; Ctrl-C stops everything\n")
    )


def _offer_flows(flows_dir: Path) -> None:
    """Offer to make flows if there are none. Raises InputError if there is no folder."""
    if has_flows(flows_dir):
        return
    on_a_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if on_a_terminal and click.confirm(
        f"there are no flows in {flows_dir}; make an example?", default=True
    ):
        make_flows(flows_dir)
    else:
        FlowFolder(flows_dir).read()


def _flower_port(wanted: int | None) -> int:
    """Return the wanted port, else the default one or a free one. Raises InputError."""
    if wanted is None:
        return port_or_free(_FLOWER_PORT)
    if port_or_free(wanted) != wanted:
        raise InputError(f"port {wanted} of 127.0.0.1 is in use; choose another --flower-port")
    return wanted


def _key() -> str:
    key = os.environ.get("STRIPE_SECRET_KEY", "")
    if not is_test(key):
        _fail("--stripe needs a test key (sk_test_…, rk_test_…) in STRIPE_SECRET_KEY", 2)
    return key


def _fail(text: str, code: int) -> NoReturn:
    error = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)
    error.print(Text.assemble(("error: ", "bold red"), printable(redact(text))))
    sys.exit(code)


if __name__ == "__main__":
    prepare_streams()
    dev(prog_name="stripe-flows dev")
