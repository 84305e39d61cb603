"""A generated file: written, or with `--check` only compared with what would be written."""

from __future__ import annotations

import sys
from pathlib import Path


def write_or_check(target: Path, text: str, command: str, arguments: list[str]) -> int:
    """Writes `text` to `target`; with `--check` gives 1, and says so, if it is not there already.

    `command` is what makes the file.
    """
    if arguments == ["--check"]:
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            return 0
        sys.stderr.write(f"{target} is stale: run `{command}`\n")
        return 1
    target.write_text(text, encoding="utf-8")
    return 0
