"""Run the stages of `make test` one after the other, and print how long each took.

    python tools/run_stages.py make lint types unit

The first word is the command, each further word a stage that it accepts. The first stage that fails
ends the run, with its exit code; the times of the stages until then are printed all the same.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence


def run_stages(command: str, stages: Sequence[str]) -> int:
    """Run the stages. Return 0, or the exit code of the first one that failed."""
    lines, code, began = [], 0, time.monotonic()
    for stage in stages:
        at = time.monotonic()
        code = subprocess.run([command, stage], check=False).returncode
        lines.append(_line(stage, time.monotonic() - at) + (" failed" if code else ""))
        if code:
            break
    lines.append(_line("all", time.monotonic() - began))
    print("\n" + "\n".join(lines), flush=True)
    return code


def _line(stage: str, seconds: float) -> str:
    return f"{stage:12} {seconds:6.1f} s"


if __name__ == "__main__":
    sys.exit(run_stages(sys.argv[1], sys.argv[2:]))
