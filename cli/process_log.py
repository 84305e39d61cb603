"""Follow the log of a process of the local stack, without the lines that developers do not need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_STYLES = {"broker": "magenta", "simulator": "blue", "worker": "green", "flower": "yellow"}

_CELERY = re.compile(r"\[\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d),\d{3}: (\w+)/[\w-]+\] (.*)")
_TASK = re.compile(r"Task stripe_flows\.([\w.]+)\[([\w.]+)\] (.*)")
# The ids at the end of a line: see `tasks/log.py`.
_STEP = re.compile(
    r" \[(?:run_id=(\S+) |(?=(?:context_id|flow|operation|item)=)).*\bitem=\w+(?: attempt=\d+)?\]$"
)
_NO_NEWS = ("received", "ignored")
_SHORTER = (
    (re.compile(r"succeeded in (\d+\.\d{1,3})\d*s: None"), r"done in \1 s"),
    (re.compile(r"raised expected: CallFailed\('(.*)'\)"), r"refused: \1"),
    (re.compile(r"raised expected: ScriptFailed\(['\"](.*?)['\"], .*\)"), r"failed: \1"),
    # Celery calls it a retry when a step is put off or held.
    (re.compile(r"retry: (again in|held)\b"), r"\1"),
)
_LOUD = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b|Traceback|^# ", re.ASCII)


class ProcessLog:
    """A log file that grows."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.style = _STYLES.get(name, "cyan")
        self._log = log
        # Lines from before this moment are about its start.
        self._at = log.stat().st_size if log.exists() else 0
        self._rest = b""
        self._in_trace = False

    def lines(self) -> Iterator[str]:
        """Yield the new lines that a developer needs."""
        if not self._log.exists():
            return
        with self._log.open("rb") as file:
            file.seek(self._at)
            new = file.read()
        self._at += len(new)
        *whole, self._rest = (self._rest + new).split(b"\n")
        for raw in whole:
            shown = self._worth(raw.decode(errors="replace").rstrip())
            if shown is not None:
                yield shown

    def _worth(self, line: str) -> str | None:
        found = _CELERY.fullmatch(line) if self.name.startswith("worker") else None
        if found is not None:
            self._in_trace = False
            return _of_worker(found[1], found[2], found[3])
        if self._in_trace:
            # A traceback ends with the first line that is not indented: the exception.
            self._in_trace = line.startswith((" ", "\t"))
            return line
        self._in_trace = line.startswith("Traceback")
        return line if _LOUD.search(line) else None


def _of_worker(time: str, level: str, text: str) -> str | None:
    """Return a line of a worker's log in short form; None if a developer does not need it."""
    step = _STEP.search(text)
    text = _STEP.sub("", text)
    task = _TASK.fullmatch(text)
    if task is None:
        return None if level in ("INFO", "DEBUG") else f"{time}  {level.lower()}: {text}"
    name, task_id, end = task.groups()
    if end in _NO_NEWS:
        return None
    for pattern, shorter in _SHORTER:
        end = pattern.sub(shorter, end)
    run = f"  {step[1]}" if step and step[1] else ""
    return f"{time}  {name}  {end}{run}  {task_id}"
