"""The simulator as a real process, for tests: started, awaited, ended."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path

import stripe

ROOT = Path(__file__).parents[2]
START_SECONDS = 30.0
END_SECONDS = 10.0

SECRET = "sk_test_planted4711"

COMMAND = [sys.executable, "-m", "stripe_flows.simulator", "--port", "0"]


def client_of(url: str) -> stripe.StripeClient:
    """Stripe's own client, pointed at the simulator; it does not retry by itself."""
    return stripe.StripeClient(SECRET, base_addresses={"api": url}, max_network_retries=0)


class SimulatorProcess:
    """A running simulator. `url`: where it listens; `errors`: what it wrote to stderr."""

    def __init__(self, errors: Path, *options: str) -> None:
        self._errors = errors
        with errors.open("ab") as sink:
            self.process = subprocess.Popen(
                [*COMMAND, *options], stdout=subprocess.PIPE, stderr=sink, cwd=ROOT
            )
        self.url = self._ready()

    @property
    def errors(self) -> str:
        return self._errors.read_text()

    def stop(self) -> int:
        """End it as a supervisor would; its exit code."""
        self.process.terminate()
        return self._ended()

    def kill(self) -> None:
        self.process.kill()
        self._ended()

    def _ended(self) -> int:
        try:
            return self.process.wait(END_SECONDS)
        finally:
            self.process.kill()
            assert self.process.stdout is not None
            self.process.stdout.close()

    def _ready(self) -> str:
        line = first_line(self.process)
        if not line.startswith("ready "):
            self.kill()
            raise RuntimeError(f"the simulator did not start: {line!r} {self.errors}")
        return line.removeprefix("ready ")


def first_line(process: subprocess.Popen[bytes]) -> str:
    """The first line that a process prints, within a bound."""
    assert process.stdout is not None
    plug = process.stdout.fileno()
    read = b""
    while not read.endswith(b"\n"):
        if not select.select([plug], [], [], START_SECONDS)[0]:
            return ""
        piece = os.read(plug, 1)
        if not piece:
            break
        read += piece
    return read.decode().strip()
