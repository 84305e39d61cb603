"""URLs of a Redis: the one place that recognises them, for the journal and for the broker."""

from __future__ import annotations

from typing import Final

DEFAULT_REDIS: Final = "redis://127.0.0.1:6379/0"
"""The journal and the broker of a process whose environment names none."""

JOURNAL_SCHEMES: Final = ("redis://", "rediss://", "unix://")
"""The URLs that redis-py connects to."""

_BROKER_SCHEMES: Final = ("redis", "sentinel", "unix")
"""Kombu knows more of them: `redis+socket://`, and `sentinel://` for a Redis behind sentinels."""


def is_journal_url(url: str) -> bool:
    """Return whether the journal can connect to the URL."""
    return url.startswith(JOURNAL_SCHEMES)


def is_redis_broker(url: str) -> bool:
    """Return whether Kombu reaches a Redis at the URL."""
    return url.startswith(_BROKER_SCHEMES)
