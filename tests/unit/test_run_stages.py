"""`make test` shows where its time went, also when a stage fails."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).parents[2] / "tools" / "run_stages.py"


def stages(tmp_path: Path, *names: str) -> tuple[int, list[str]]:
    command = tmp_path / "make"
    command.write_text('#!/bin/sh\necho "ran $1"\n[ "$1" != bad ] || exit 7\n')
    command.chmod(0o755)
    done = subprocess.run(
        [sys.executable, TOOL, command, *names], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    lines = [re.sub(r" +\d+\.\d s", " N s", one) for one in done.stdout.split("\n")]
    return done.returncode, lines


def test_each_stage_has_a_line_with_its_seconds_at_the_end(tmp_path: Path) -> None:
    assert stages(tmp_path, "lint", "unit") == (
        0,
        ["ran lint", "ran unit", "", "lint N s", "unit N s", "all N s", ""],
    )


def test_a_stage_that_fails_is_the_last_one_and_gives_its_exit_code(tmp_path: Path) -> None:
    assert stages(tmp_path, "lint", "bad", "unit") == (
        7,
        ["ran lint", "ran bad", "", "lint N s", "bad N s failed", "all N s", ""],
    )
