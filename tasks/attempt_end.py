"""The ways in which an attempt at an item can end, for Celery and Flower to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Done:
    """The item is closed. Celery shows SUCCESS."""


@dataclass(frozen=True)
class Failed:
    """The script failed, or Stripe refused the call. Celery shows FAILURE with the reason."""

    reason: str
    """One line, without customers' data."""
    line: int | None = None
    """The line of the script, if it is known."""


@dataclass(frozen=True)
class PutOff:
    """The item was put off or is held. Celery shows RETRY with the reason."""

    reason: str
    """One line, without customers' data."""


@dataclass(frozen=True)
class Ignored:
    """The hint was of no use. Celery ignores the task."""

    why: str
    """The state of the item: closed, busy, early, held."""


AttemptEnd: TypeAlias = Done | Failed | PutOff | Ignored
