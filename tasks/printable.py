"""Text from scripts, callers and Stripe, made fit for a terminal: it may quote anybody."""

from __future__ import annotations

import re

# Control characters but tab and newline, and those that turn the direction of writing.
_STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """`text` with what could steer a terminal written out (`\\x1b`)."""
    return _STEERS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def one_line(text: str) -> str:
    """`printable` on one line."""
    return printable(" ".join(text.split()))
