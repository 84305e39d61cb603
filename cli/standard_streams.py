"""Prepare the standard streams: open closed ones, and replace characters that they cannot encode.

Otherwise a message with an ellipsis raises UnicodeEncodeError in the locale C, and a connection to
Redis can become the standard error of a process that was started without one.
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
"""Replacements for the characters beyond ASCII in our own messages."""


def prepare_streams() -> None:
    """Open the closed streams of the three, and let no character raise an error."""
    for number, (name, mode) in enumerate(_STREAMS):
        if getattr(sys, name) is None:
            setattr(sys, name, _nothing(number, mode))
    codecs.register_error(_ERRORS, _plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)


def _nothing(number: int, mode: str) -> IO[str]:
    """Return /dev/null as a stream, with the stream's own file descriptor if that is free."""
    opened = os.open(os.devnull, os.O_RDWR)
    if opened == number:
        # A process that replaces this one inherits it.
        os.set_inheritable(opened, True)
    return os.fdopen(opened, mode, encoding="utf-8")


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    return "".join(_PLAIN.get(one) or _escaped(one) for one in characters), error.end


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
