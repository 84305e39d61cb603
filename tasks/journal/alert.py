"""ALERT: whether a person is to be told of a run, once however often and wherever it is seen."""

from __future__ import annotations

from hashlib import sha256
from secrets import token_hex
from typing import Literal, TypeAlias

from .store import Store

AlertKind: TypeAlias = Literal["failed", "held", "stuck"]


def is_news(store: Store, run: str, kind: AlertKind, about: str = "") -> bool:
    """Return whether it is the first time. `about` tells one from another. Raises JournalUnavailable.

    A failed or held run is news again after a person has decided, and it fails or is held anew.
    """
    digest = sha256(about.encode()).hexdigest()[:8]
    return bool(store.run("alert", run, kind, digest, token_hex(4))[0])
