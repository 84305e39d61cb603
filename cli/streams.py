"""The standard streams, made fit for where they lead: to nothing, or to what knows no UTF-8.

Without this a message with an ellipsis ends in a UnicodeEncodeError where the language is C, and a
connection to Redis may become the standard error of a process that was started without one.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import IO, Final

_STREAMS: Final = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))
_ERRORS: Final = "stripe_flows.plain"
_PLAIN: Final = {
    "…": "...",
    "→": "->",
    "·": "-",
    "–": "-",
    "—": "-",
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "×": "x",
    "✓": "ok",
    "✗": "x",
}
"""What our own texts hold beyond ASCII, for terminals that cannot show it."""


def prepare_streams() -> None:
    """Open those of the three streams that are closed, and let none fail for a character."""
    for number, (name, mode) in enumerate(_STREAMS):
        if getattr(sys, name) is None:
            setattr(sys, name, _nothing(number, mode))
    codecs.register_error(_ERRORS, _plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)


def _nothing(number: int, mode: str) -> IO[str]:
    """Return /dev/null as a stream, with the stream's own number where that is free."""
    opened = os.open(os.devnull, os.O_RDWR)
    if opened == number:
        # A process that takes this one's place finds it too.
        os.set_inheritable(opened, True)
    return os.fdopen(opened, mode, encoding="utf-8")


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    return "".join(_PLAIN.get(one) or _escaped(one) for one in characters), error.end


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
