"""Ctrl-C on a command that follows a run: report what is known of the run, and end at once.

The run itself goes on in the workers. A person who does not know that may type the command again,
and charge again.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from .output import say

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupt:
    """The message for SIGINT and SIGTERM. The command keeps it up to date.

    The signal handler itself ends the process: an exception raised there could be swallowed by the
    code that it interrupts, such as a handler of lost connections. Exit code: 128 plus the signal's
    number, so 130 for Ctrl-C.
    """

    def __init__(self, end_process: Callable[[int], object] = os._exit) -> None:
        self._known = "nothing was started"
        self._end_process = end_process

    def starting(self, run_id: str) -> None:
        """Note that the start is about to be written."""
        self._known = (
            f"run {run_id} may have been started; see stripe-flows show {run_id}, or give the same "
            f"command with --run-id {run_id}: the run is started once at most"
        )

    def following(self, run_id: str) -> None:
        """Note that the run is started, and goes on without this command."""
        self._known = (
            f"run {run_id} goes on; follow it with stripe-flows show {run_id}, or with the same "
            f"command and --run-id {run_id}: it does not start again"
        )

    def ended(self, run_id: str) -> None:
        """Note that the run is not running any more."""
        self._known = f"see stripe-flows show {run_id}"

    @contextmanager
    def watching(self) -> Iterator[None]:
        """End this process with the message if SIGINT or SIGTERM comes in the block."""
        before = {each: signal.signal(each, self._end) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def _end(self, number: int, frame: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)  # a second signal changes nothing
        try:
            sys.stdout.flush()
            if sys.stderr.isatty():
                sys.stderr.write("\n")  # after the ^C that the terminal shows
            say(f"interrupted; {self._known}")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001 - the stream is in use by the interrupted code, or closed
            with suppress(OSError):
                os.write(2, f"interrupted; {self._known}\n".encode())
        self._end_process(128 + number)
