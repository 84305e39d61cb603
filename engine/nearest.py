"""The hint "did you mean …?" at the end of a message about a wrong name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, names: Iterable[str]) -> str:
    """Return `"; did you mean 'amount'?"` for the closest of `names`, or an empty string."""
    return did_you_mean(get_close_matches(name, list(names), n=1, cutoff=0.6))


def did_you_mean(names: Iterable[str]) -> str:
    """Return `"; did you mean 'a', 'b' or 'c'?"`, or an empty string without names."""
    *others, last = [repr(name) for name in names] or [""]
    if not last:
        return ""
    return f"; did you mean {', '.join(others)}{' or ' if others else ''}{last}?"
