"""Derive the ids of items: whoever computes an id, however often, gets the same one.

The id of a call is its Stripe `Idempotency-Key`. So a step that is repeated after a crash, or after
the journal lost its last second, sends the same key, and Stripe replays its first answer.
"""

from __future__ import annotations

import json
from base64 import b32encode
from hashlib import sha256

LENGTH = 26
"""The length of an id in characters: 130 bits."""


def root_id(namespace: str, run_id: str) -> str:
    """Return the id of a run's first execution.

    `namespace` (the setting `STRIPE_FLOWS_NAMESPACE`) keeps two deployments apart that share a
    Stripe account and use the same run_id.
    """
    return _derive(namespace, run_id)


def child_id(parent_id: str, kind: str, index: int) -> str:
    """Return the id of the `index`-th item (from 0) of `kind` that follows from `parent_id`."""
    return _derive(parent_id, kind, index)


def _derive(*parts: str | int) -> str:
    digest = sha256(json.dumps(parts, separators=(",", ":")).encode()).digest()
    return b32encode(digest)[:LENGTH].decode().lower()
