"""The names of the journal's keys in Redis; layout.md describes all of them, also those of Lua alone.

Every key has the same hash tag, so the scripts also run on a Redis Cluster (on one shard of it).
The Lua scripts spell the same names; `P` in lib.lua is PREFIX.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

PREFIX: Final = "{sf}:"

DUE: Final = PREFIX + "due"
"""Sorted set: the items that are leased or put off, by the end of the lease or delay (ms)."""
MARK: Final = PREFIX + "mark"
"""Hash: per queue, the time of publication of the newest hint that a worker has seen (ms)."""
PROBE: Final = PREFIX + "probe"
"""Hash: per queue, when the last probe was published, and the wait until the next (ms)."""
QUEUES: Final = PREFIX + "queues"
"""Set: the queues with published hints."""
RUNS: Final = PREFIX + "runs"
"""Sorted set: all run ids, by start."""
HELD: Final = PREFIX + "held"
"""Sorted set: the ids of runs with a held item, by time."""
FAILED: Final = PREFIX + "failed"
"""Sorted set: the ids of runs with a failed step, by time."""
SEALS: Final = PREFIX + "seals"
"""Hash: per seal key that wrote to the journal, one word sealed with it."""
ALIVE: Final = PREFIX + "alive"
"""String: when a worker last wrote its row (ms)."""
WORKERS: Final = PREFIX + "workers"
"""Hash: a row per worker."""
REFUSED: Final = PREFIX + "refused"
"""Hash: per fingerprint of a Stripe key that Stripe refuses, when it may be tried again (ms)."""


def trying_key(account: str) -> str:
    """String: a worker tries this refused key."""
    return f"{PREFIX}trying:{account}"


def run_key(run_id: str) -> str:
    """Hash: a run, see run_fields.py; per open item its sealed payload and its state."""
    return f"{PREFIX}r:{run_id}"


def record_key(run_id: str) -> str:
    """List: the record of the run, a sealed line per event."""
    return f"{PREFIX}l:{run_id}"


def done_key(run_id: str) -> str:
    """List: one element while the run is idle."""
    return f"{PREFIX}d:{run_id}"


def sent_key(queue: str) -> str:
    """Sorted set: the items whose hint was published to the queue, until they begin, by time (ms)."""
    return f"{PREFIX}sent:{queue}"


def context_key(context_id: str) -> str:
    """Sorted set: the ids of the runs of a context, by start."""
    return f"{PREFIX}c:{context_id}"


def object_digest(object_id: str) -> str:
    """Return a Stripe id as it stands in a key: shorter than most, and not readable in Redis."""
    return sha256(object_id.encode()).hexdigest()[:20]


def object_key(object_id: str) -> str:
    """Sorted set: the ids of the runs whose answers name the object, by time."""
    return f"{PREFIX}o:{object_digest(object_id)}"


def flow_key(sha: str) -> str:
    """String: the source of a flow, sealed."""
    return f"{PREFIX}flow:{sha}"


def set_key(set_id: str) -> str:
    """String: a flow set (name to SHA-256), sealed."""
    return f"{PREFIX}set:{set_id}"
