"""ALERT: decide whether to report a run, once however many workers see the reason."""

from __future__ import annotations

from hashlib import sha256
from secrets import token_hex
from typing import Literal, TypeAlias

from .store import Store

AlertKind: TypeAlias = Literal["failed", "held", "stuck"]


def is_news(store: Store, run_id: str, kind: AlertKind, about: str = "") -> bool:
    """Return whether the run has not been reported yet. Raises JournalUnavailable.

    `about`: the reason; a stuck run is reported once for each. A failed or held run is reported again
    if it fails or is held again after a person's decision.
    """
    digest = sha256(about.encode()).hexdigest()[:8]
    return bool(store.step("alert", run_id, kind, digest, token_hex(4))[0])
