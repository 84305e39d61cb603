"""Write a generated file or, with `--check`, report whether it is stale."""

from __future__ import annotations

import sys
from pathlib import Path


def write_or_check(target: Path, text: str, command: str, arguments: list[str]) -> int:
    """Write `text` to `target`. With `--check`, return 1 and report it if the file differs.

    `command` generates the file.
    """
    if arguments == ["--check"]:
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            return 0
        sys.stderr.write(f"{target} is stale: run `{command}`\n")
        return 1
    target.write_text(text, encoding="utf-8")
    return 0
