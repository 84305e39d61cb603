"""Make text from scripts, callers and Stripe safe to show: it may hold anything."""

from __future__ import annotations

import re

from stripe_flows.engine.redact import redact

# Control characters but tab and newline, and those that turn the direction of writing.
_STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """Return `text` with characters that could steer a terminal written as escapes (`\\x1b`)."""
    return _STEERS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def one_line(text: str) -> str:
    """Return `text` as `printable` does, on one line."""
    return printable(" ".join(text.split()))


def shown(value: object) -> str:
    """Return a value for an error's text: cut to 80 characters, without a key."""
    text = redact(repr(value))  # it may be a key in the wrong place
    return text if len(text) <= 80 else text[:77] + "..."
