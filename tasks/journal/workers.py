"""The workers' rows: who consumes which queues, with which seal keys and which flows."""

from __future__ import annotations

import json
import time
from typing import cast

from pydantic import BaseModel, ConfigDict

from stripe_flows.tasks.journal.keys import ALIVE, WORKERS
from stripe_flows.tasks.journal.store import Store

ALIVE_MS = 15_000
"""A row that was not written for this long is that of a dead worker."""


VIEW_SECONDS = 1.0
"""How old a view of the workers may be."""


class WorkerRow(BaseModel):
    """What a worker says of itself. `at`: the journal's time of writing, in milliseconds."""

    model_config = ConfigDict(frozen=True)

    name: str
    queues: tuple[str, ...]
    seal_keys: tuple[str, ...]
    flow_set: str
    version: str
    at: int = 0


def write_worker(store: Store, row: WorkerRow) -> None:
    """Writes the worker's row and the journal's sign of life; clears away rows of the long dead."""
    now = _now(store)
    stamped = row.model_copy(update={"at": now})
    with store.reaching():
        store.redis.hset(WORKERS, row.name, stamped.model_dump_json())
        store.redis.set(ALIVE, now)
        dead = [r.name for r in _rows(store) if now - r.at > 20 * ALIVE_MS]
        if dead:
            store.redis.hdel(WORKERS, *dead)


def remove_worker(store: Store, name: str) -> None:
    """Takes the row of a worker away that ends."""
    with store.reaching():
        store.redis.hdel(WORKERS, name)


def live_workers(store: Store) -> tuple[WorkerRow, ...]:
    """The rows of the workers that live."""
    now = _now(store)
    return tuple(row for row in _rows(store) if now - row.at <= ALIVE_MS)


class WorkerView:
    """The live workers as they were a second ago at most: one look serves many starts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: tuple[float, tuple[WorkerRow, ...]] = (-VIEW_SECONDS, ())

    def consuming(self, queue: str) -> tuple[WorkerRow, ...]:
        """The workers that consume the queue."""
        at, rows = self._seen
        if time.monotonic() - at >= VIEW_SECONDS:
            rows = live_workers(self._store)
            self._seen = (time.monotonic(), rows)
        return tuple(row for row in rows if queue in row.queues)


def _rows(store: Store) -> list[WorkerRow]:
    with store.reaching():
        found = cast(dict[bytes, bytes], store.redis.hgetall(WORKERS))
    return [WorkerRow.model_validate(json.loads(raw)) for raw in found.values()]


def _now(store: Store) -> int:
    with store.reaching():
        seconds, micros = store.redis.time()
    return seconds * 1000 + micros // 1000
