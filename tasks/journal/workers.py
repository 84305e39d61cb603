"""The workers' rows: which worker consumes which queues, with which seal keys and flows."""

from __future__ import annotations

import functools
import json
import os
import time
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import cast

from pydantic import BaseModel, ConfigDict

from .keys import ALIVE, WORKERS
from .store import Store

ALIVE_MS = 15_000
"""The age from which a row no longer counts as that of a live worker, when a flow is started."""

GONE_MS = 10_000
"""The age of a row after which the leases of a worker on another machine end. Rows are written every 2
seconds."""

WORKER = token_hex(4)
"""This worker's id in the journal, drawn at random before a prefork pool forks, so that its processes
share it. A worker that a supervisor starts again under the same name and pid has another."""

VIEW_SECONDS = 1.0
"""Longest age of a view of the workers."""


class WorkerRow(BaseModel):
    """A worker's entry in the journal, which it writes every two seconds."""

    model_config = ConfigDict(frozen=True)

    name: str
    """Celery's name of the worker, its process id and `worker`, with colons between."""
    queues: tuple[str, ...]
    """The queues that it consumes; none when it is about to end."""
    seal_keys: tuple[str, ...]
    """The ids of its seal keys."""
    flow_set: str
    """The id of the flow set that its folder has; "" if it cannot be read."""
    version: str
    """Its version of stripe-flows."""
    at: int = 0
    """When the row was written, by the journal's clock, in milliseconds."""
    worker: str = ""
    """Its id in the journal, by which its leases are found."""
    pid: int = 0
    """The process id of its main process."""
    machine: str = ""
    """A digest of what the process id is unique in; "" if unknown."""


def process_of(pid: int) -> str:
    """Return how an item names the worker process that began it: the worker's id and the pid."""
    return f"{WORKER}.{pid}"


@functools.cache
def this_machine() -> str:
    """Return a digest of this boot and container, in which a process id is unique; "" if unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()
        return sha256((boot + str(Path("/proc/self/ns/pid").readlink())).encode()).hexdigest()[:12]
    except OSError:
        return ""


def write_worker(store: Store, row: WorkerRow) -> None:
    """Write the worker's row and the time in ALIVE. Delete the rows of workers that died long ago."""
    now = _now(store)
    stamped = row.model_copy(update={"at": now})
    with store.reaching():
        store.redis.hset(WORKERS, row.name, stamped.model_dump_json())
        store.redis.set(ALIVE, now)
        dead = [r.name for r in _rows(store) if now - r.at > 20 * ALIVE_MS]
        if dead:
            store.redis.hdel(WORKERS, *dead)


def remove_worker(store: Store, name: str) -> None:
    """Delete a worker's row."""
    with store.reaching():
        store.redis.hdel(WORKERS, name)


def live_workers(store: Store) -> tuple[WorkerRow, ...]:
    """Return the rows of the live workers."""
    now = _now(store)
    return tuple(row for row in _rows(store) if now - row.at <= ALIVE_MS)


def gone_workers(store: Store, *, by_age: bool) -> tuple[WorkerRow, ...]:
    """Return the rows of the workers that are gone.

    A worker on this machine is gone as soon as its process is. Any other worker is gone when it has not
    written its row for GONE_MS; not with `by_age` false, since the journal itself may have been away.
    """
    now, machine = _now(store), this_machine()
    return tuple(
        row
        for row in _rows(store)
        if (machine and row.machine == machine and not _lives(row.pid))
        or (by_age and now - row.at > GONE_MS)
    )


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Return whether the process has ended and its parent has not read its exit status."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] == "Z"


def consumed_queues(store: Store) -> frozenset[str]:
    """Return the queues that live workers consume."""
    return frozenset(queue for row in live_workers(store) for queue in row.queues)


class WorkerView:
    """The live workers, at most a second old: one look serves many starts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: tuple[float, tuple[WorkerRow, ...]] = (-VIEW_SECONDS, ())

    def consuming(self, queue: str) -> tuple[WorkerRow, ...]:
        """Return the workers that consume the queue."""
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
