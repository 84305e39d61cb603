"""Make text from scripts, callers and Stripe safe for a terminal. It may quote anybody."""

from __future__ import annotations

import re

# Control characters except tab and newline, and those that change the direction of writing.
_STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """Return `text` with characters that could steer a terminal written as escapes (`\\x1b`)."""
    return _STEERS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def one_line(text: str) -> str:
    """Return `text` as `printable` does, on one line."""
    return printable(" ".join(text.split()))
