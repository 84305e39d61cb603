"""Replace this process by another one, so that signals and the exit code are that process's own."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

CELERY = ("-m", "celery", "-A", "stripe_flows")


def become(command: list[str]) -> NoReturn:
    """Replace this process by a Python process with these arguments."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, [sys.executable, *command])
