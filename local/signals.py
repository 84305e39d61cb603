"""SIGINT (Ctrl-C) and SIGTERM as one exception, so that `with` blocks stop what they started."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_BOTH = (signal.SIGINT, signal.SIGTERM)


class EndRequested(Exception):
    """This process got SIGINT or SIGTERM."""


@contextmanager
def signals_blocked() -> Iterator[None]:
    """Delay SIGINT and SIGTERM until the block ends, so that stopping is not interrupted."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _BOTH)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def until_end_requested() -> Iterator[None]:
    """Raise EndRequested in the block at the first SIGINT or SIGTERM; ignore the later ones."""

    def end(number: int, frame: FrameType | None) -> None:
        for each in _BOTH:
            signal.signal(each, signal.SIG_IGN)
        raise EndRequested

    before = {each: signal.signal(each, end) for each in _BOTH}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
