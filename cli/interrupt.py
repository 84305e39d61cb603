"""Ctrl-C on a command that follows a run: it says what is known of the run, and ends at once.

The run itself goes on in the workers. Whoever is not told so types the command again, and charges
again.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from .common import say

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupt:
    """What is known, for when a signal comes. The command keeps it up to date as it goes.

    It ends the process in the handler itself: an exception that is raised in the middle of whatever
    runs can be swallowed there, by a handler of lost connections for one. Exit code: 128 and the
    signal, 130 for Ctrl-C.
    """

    def __init__(self, end_process: Callable[[int], object] = os._exit) -> None:
        self._known = "nothing was started"
        self._end_process = end_process

    def starting(self, run_id: str) -> None:
        """The start is being written from now on."""
        self._known = (
            f"run {run_id} may have been started; see stripe-flows show {run_id}, or give the same "
            f"command with --run-id {run_id}: it starts it once at most"
        )

    def following(self, run_id: str) -> None:
        """The run is started, and goes on without this command."""
        self._known = (
            f"run {run_id} goes on; follow it with stripe-flows show {run_id}, or with the same "
            f"command and --run-id {run_id}: it starts nothing again"
        )

    def ended(self, run_id: str) -> None:
        """Nothing of the run runs any more."""
        self._known = f"see stripe-flows show {run_id}"

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Within it, SIGINT and SIGTERM end this process with what is known."""
        before = {each: signal.signal(each, self._end) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    def _end(self, number: int, frame: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)  # a second one has nothing more to say
        try:
            sys.stdout.flush()
            if sys.stderr.isatty():
                sys.stderr.write("\n")  # after the ^C that the terminal shows
            say(f"interrupted; {self._known}")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001 - a stream that was just being written, or is closed
            with suppress(OSError):
                os.write(2, f"interrupted; {self._known}\n".encode())
        self._end_process(128 + number)
