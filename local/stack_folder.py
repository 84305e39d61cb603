"""The folder of a local stack: its lock, and the environment that connects other commands to it.

`stripe-flows dev` holds a lock on a file for as long as it lives, so one stack at most runs for a
folder. The system releases the lock, however the process ends. Beside it stands the environment that
other commands in the same folder need.
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

SHELL = "env"
"""The file with the environment as a shell reads it: `. .stripe-flows/env`."""

_ENV = "env.json"
_LOCK = "dev.lock"

# Without Stripe's key: a run names it by reference, and only the worker reads it.
_SHARED = (
    "STRIPE_FLOWS_BROKER_URL",
    "REDIS_URL",
    "STRIPE_API_BASE",
    "STRIPE_FLOWS_SEAL_KEYS",
    "STRIPE_FLOWS_FLOWS_DIR",
)


class AlreadyRuns(Exception):
    """Another local stack runs for this folder."""


@contextmanager
def claim(folder: Path) -> Iterator[None]:
    """Lock the folder for one local stack. Raises AlreadyRuns."""
    folder.mkdir(parents=True, exist_ok=True)
    # The folder has keys and passwords.
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
    """Write the environment that connects to this process's stack; only its owner can read it."""
    shared = {name: env[name] for name in _SHARED if name in env}
    write_private(folder / _ENV, json.dumps({"pid": os.getpid(), "env": shared}, indent=2) + "\n")
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in shared.items()]
    write_private(folder / SHELL, "".join(lines))


def running_environment(folder: Path) -> dict[str, str] | None:
    """Return the variables that connect to the folder's local stack; None if none runs."""
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
