"""Which local stack runs for a folder: one at most, and how to talk to it.

`stripe-flows dev` holds a lock on a file for as long as it lives (the system lets go of it, however
the process ends), and writes beside it the environment that other commands in the folder need.
"""

from __future__ import annotations

import fcntl
import json
import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from stripe_flows.tasks.private_file import write_private

FOLDER = Path(".stripe-flows")
"""Where the local stack of a folder keeps its state."""

SHELL = "env"
"""The file with the same for a shell: `. .stripe-flows/env`, and then a Python program."""

_ENV = "env.json"
_LOCK = "dev.lock"

# Not the key of Stripe: a run names it by reference, and only the worker opens it.
_SHARED = (
    "STRIPE_FLOWS_BROKER_URL",
    "REDIS_URL",
    "STRIPE_API_BASE",
    "STRIPE_FLOWS_SEAL_KEYS",
    "STRIPE_FLOWS_FLOWS_DIR",
)


class AlreadyRuns(Exception):
    """A local stack runs for this folder already."""


@contextmanager
def claim(folder: Path) -> Iterator[None]:
    """Holds the folder for one local stack. Raises AlreadyRuns."""
    folder.mkdir(parents=True, exist_ok=True)
    # Keys and passwords of the stack are in it.
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    with (folder / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _read(folder).get("pid")
            raise AlreadyRuns(
                f"a local stack runs in {folder} already"
                + (f" (process {pid})" if pid else "")
                + "; end it with Ctrl-C in its terminal"
            ) from None
        try:
            yield
        finally:
            (folder / _ENV).unlink(missing_ok=True)
            (folder / SHELL).unlink(missing_ok=True)


def announce(folder: Path, env: Mapping[str, str]) -> None:
    """Writes how to talk to the stack of this process; readable by its owner only."""
    shared = {name: env[name] for name in _SHARED if name in env}
    write_private(folder / _ENV, json.dumps({"pid": os.getpid(), "env": shared}, indent=2) + "\n")
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in shared.items()]
    write_private(folder / SHELL, "".join(lines))


def running_environment(folder: Path) -> dict[str, str] | None:
    """The variables with which to talk to the local stack of the folder; None where none runs."""
    try:
        with (folder / _LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        env = _read(folder).get("env")
        return {str(k): str(v) for k, v in env.items()} if isinstance(env, dict) else None
    except OSError:
        return None
    return None


def _read(folder: Path) -> dict[str, object]:
    try:
        found = json.loads((folder / _ENV).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
