"""Calendar periods: a month without the day number ends on its last day."""

from __future__ import annotations

from datetime import UTC, datetime

from .types import Fields

DAY = 86_400
"""Seconds."""


def period_end(start: int, recurring: Fields) -> int:
    """Return the end of a period that begins at `start` (seconds since 1970).

    `recurring` has `interval` and `interval_count`, as a price has.
    """
    count: int = recurring["interval_count"]
    match recurring["interval"]:
        case "day":
            return start + count * DAY
        case "week":
            return start + count * 7 * DAY
        case unit:
            months = count * (12 if unit == "year" else 1)
    begun = datetime.fromtimestamp(start, UTC)
    year, month = divmod(begun.month - 1 + months, 12)
    # The period ends on the last day of a month that lacks the day it began on.
    for day in range(begun.day, 27, -1):
        try:
            moved = begun.replace(year=begun.year + year, month=month + 1, day=day)
        except ValueError:
            continue
        return int(moved.timestamp())
    return int(begun.replace(year=begun.year + year, month=month + 1).timestamp())
