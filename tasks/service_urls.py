"""The URLs of the journal and of the broker: which variable names them, and which is a Redis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kombu.transport import TRANSPORT_ALIASES

DEFAULT_REDIS: Final = "redis://127.0.0.1:6379/0"
"""The journal and the broker of a process whose environment names none."""

BROKER_VARIABLES: Final = ("STRIPE_FLOWS_BROKER_URL", "CELERY_BROKER_URL", "REDIS_URL")
"""The variables that may name the broker. The first one that is set counts."""

JOURNAL_SCHEMES: Final = ("redis://", "rediss://", "unix://")
"""The URLs that redis-py connects to."""

_BROKER_SCHEMES: Final = ("redis", "sentinel", "unix")
"""Kombu knows more of them: `redis+socket://`, and `sentinel://` for a Redis behind sentinels."""


def broker_url_of(environ: Mapping[str, str]) -> str:
    """Return the broker's URL, or several URLs with semicolons between."""
    return _broker(environ)[1] or DEFAULT_REDIS


def check_broker(environ: Mapping[str, str]) -> None:
    """Raise ValueError unless Celery has a transport for the broker that the variables name."""
    variable, urls = _broker(environ)
    schemes = [url.partition("://")[0] if "://" in url else "" for url in urls.split(";")]
    if variable and any(scheme.split("+")[0] not in TRANSPORT_ALIASES for scheme in schemes):
        raise ValueError(
            f"{variable} is not the URL of a broker that Celery knows: it must begin with redis://, "
            "rediss:// or amqp://, or with another that Celery documents (a socket: redis+socket://)"
        )


def is_journal_url(url: str) -> bool:
    """Return whether the journal can connect to the URL."""
    return url.startswith(JOURNAL_SCHEMES)


def is_redis_broker(url: str) -> bool:
    """Return whether Kombu reaches a Redis at the URL."""
    return url.startswith(_BROKER_SCHEMES)


def _broker(environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the variable that names the broker, and its value; both "" if none is set."""
    return next(((name, environ[name]) for name in BROKER_VARIABLES if environ.get(name)), ("", ""))
