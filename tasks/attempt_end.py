"""How an attempt at an item ended, for Celery and Flower to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Done:
    """The item is closed. Celery's SUCCESS."""


@dataclass(frozen=True)
class Failed:
    """The script failed, or Stripe refused. Celery's FAILURE, with one line of reason.

    `line`: of the script, where it is known.
    """

    reason: str
    line: int | None = None


@dataclass(frozen=True)
class PutOff:
    """The item was put off or set aside. Celery's RETRY, with one line of reason."""

    reason: str


@dataclass(frozen=True)
class Ignored:
    """The hint was of no use: the item is closed, busy, early or held. Celery ignores the task."""

    why: str


AttemptEnd: TypeAlias = Done | Failed | PutOff | Ignored
