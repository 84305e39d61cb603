"""Identity is derived, not drawn: whoever computes an item's id, however often, gets the same one.

A call's id is its Stripe `Idempotency-Key`. So a step that is done again after a crash, or after the
journal lost its last second, asks Stripe under the same key, and Stripe replays its first answer.
"""

from __future__ import annotations

import json
from base64 import b32encode
from hashlib import sha256

LENGTH = 26
"""Characters of an id: 130 bits."""


def root_id(namespace: str, run_id: str) -> str:
    """The id of a run's first execution.

    `namespace` (the setting `STRIPE_FLOWS_NAMESPACE`) keeps two deployments apart that share a
    Stripe account and happen to use the same run_id.
    """
    return _derive(namespace, run_id)


def child_id(parent: str, kind: str, index: int) -> str:
    """The id of the `index`-th item (from 0) of `kind` that follows from `parent`."""
    return _derive(parent, kind, index)


def _derive(*parts: str | int) -> str:
    digest = sha256(json.dumps(parts, separators=(",", ":")).encode()).digest()
    return b32encode(digest)[:LENGTH].decode().lower()
