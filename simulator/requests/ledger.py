"""The ledger: every received request, in order.

A request costs one small record; its parameters are parsed when the record is read. No key is
stored, only the first characters of its SHA-256.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from stripe_flows.simulator.problems import Problem
from stripe_flows.simulator.types import Fields

from .form import as_json, parse_form

KEPT_REQUESTS = 200_000
"""Older requests are forgotten; their effects are not."""


def fingerprint(key: str) -> str:
    """Return a digest that tells keys apart without revealing them."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


@dataclass(slots=True)
class Entry:
    """One request.

    `path`, `query` and `body` are unchanged; `authorization` is the scheme alone. `status` is None
    until it is answered; `fault` is the kind of the rule that fired.
    """

    n: int
    time: float
    method: str
    path: str
    query: str
    body: str
    operation: str
    idempotency_key: str | None
    stripe_version: str | None
    stripe_account: str | None
    content_type: str | None
    authorization: str | None
    key_fingerprint: str | None
    request_id: str
    status: int | None = None
    fault: str | None = None
    replayed: bool = False
    executed: bool = False
    object: str | None = None

    def as_json(self) -> Fields:
        record = {name: getattr(self, name) for name in self.__slots__}
        try:
            params = as_json(parse_form(self.query)) | as_json(parse_form(self.body))
        except Problem:
            params = {}
        return record | {"params": params}


class Ledger:
    """The requests, oldest first, numbered from 1."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT_REQUESTS)
        self._received = 0

    def next_number(self) -> int:
        self._received += 1
        return self._received

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)

    def after(self, n: int, operation: str | None, limit: int | None) -> Iterator[Entry]:
        """Return at most `limit` entries above number `n`. `operation`: a name or `POST /v1/…`."""
        first = self._entries[0].n if self._entries else 1
        later = islice(self._entries, max(0, n + 1 - first), None)
        found = (e for e in later if operation in (None, e.operation, f"{e.method} {e.path}"))
        return islice(found, limit)

    def clear(self) -> None:
        self._entries.clear()
        self._received = 0

    def __len__(self) -> int:
        return self._received
