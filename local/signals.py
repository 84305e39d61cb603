"""Ctrl-C and a request to end, as one exception that unwinds what has been started."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_BOTH = (signal.SIGINT, signal.SIGTERM)


class Told(Exception):
    """Somebody told this process to end."""


@contextmanager
def undisturbed() -> Iterator[None]:
    """Within it, SIGINT and SIGTERM wait: what is being stopped is stopped to the end."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _BOTH)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def until_told() -> Iterator[None]:
    """Within it, SIGINT and SIGTERM raise Told, once: the stopping itself is not disturbed."""

    def end(number: int, frame: FrameType | None) -> None:
        for each in _BOTH:
            signal.signal(each, signal.SIG_IGN)
        raise Told

    before = {each: signal.signal(each, end) for each in _BOTH}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
