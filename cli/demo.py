"""`make demo`: start a local stack, run two flows, stop everything, in seconds.

A process needs the stack's environment before it imports `stripe_flows`, so the runs are a process
of their own: `demo_runs.py`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

from stripe_flows.local.process import ProcessFailed
from stripe_flows.local.signals import EndRequested, until_end_requested
from stripe_flows.local.stack import Stack
from stripe_flows.tasks.private_file import FOLDER

from .standard_streams import prepare_streams

_FLOWS = Path("flows")
_TIMEOUT = 60.0
"""Seconds for both runs; they take less than one."""


def main() -> int:
    """Run the demo and return the exit code."""
    prepare_streams()
    out = Console(highlight=False, emoji=False, soft_wrap=True)
    err = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)
    if not (_FLOWS / "main.py").is_file():
        err.print(Text("error: there is no flows/main.py here; run `make demo` in the checkout"))
        return 1
    (FOLDER / "demo").mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=FOLDER / "demo"))
    began = time.monotonic()
    out.print(Text("starting broker, simulator and worker …", "dim"))
    try:
        with until_end_requested(), Stack(folder, flows_dir=_FLOWS) as stack:
            out.print(
                Text(
                    f"broker    {stack.broker.url}\nsimulator {stack.simulator_url}\n"
                    "worker    for default, worker-1\n",
                    "dim",
                )
            )
            code = _runs(stack)
    except EndRequested:
        err.print("stopped")
        code = 1
    except ProcessFailed as error:
        err.print(Text(f"error: {error}", "red"))
        code = 1
    if code == 0:
        shutil.rmtree(folder, ignore_errors=True)
        out.print(Text(f"everything is stopped; it took {time.monotonic() - began:.1f} s", "dim"))
    else:
        err.print(Text(f"everything is stopped; the logs are in {folder / 'logs'}"))
    return code


def _runs(stack: Stack) -> int:
    sys.stdout.flush()
    command = [sys.executable, "-m", "stripe_flows.cli.demo_runs"]
    try:
        done = subprocess.run(command, env=stack.env, timeout=_TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        logs = "\n".join(process.tail() for process in stack.workers)
        raise ProcessFailed(f"the runs did not end in {_TIMEOUT:g} s\n{logs}") from None
    return 1 if done.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
