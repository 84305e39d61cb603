"""Waiting for a condition, with a bound; and the processes that belong to a folder."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def wait_for(condition: Callable[[], T | None], seconds: float = 15.0) -> T:
    """What the condition gives, once it is something."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not so after {seconds:g} s")


def processes_about(folder: Path) -> list[str]:
    """The processes whose command line or environment names `folder`, each as `ps` shows it.

    A process that is to be found by its environment is started with PWD set to the folder.
    """
    listed = subprocess.run(
        ["ps", "axeww", "-o", "pid=,stat=,command="], capture_output=True, text=True, check=True
    )
    return [
        line
        for line in listed.stdout.splitlines()
        if str(folder) in line and " ps axeww " not in line and line.split()[1][0] != "Z"
    ]
