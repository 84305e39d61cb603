"""The names of the journal's keys in Redis. Nothing outside this folder knows them.

One hash tag in every key, so that the scripts also run on a Redis Cluster (on one shard of it).
The Lua scripts spell the same names; `P` in `lib.lua` is PREFIX.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

PREFIX: Final = "{sf}:"

DUE: Final = PREFIX + "due"
"""Sorted set: lapsing leases and delays, by Redis time in milliseconds."""
MARK: Final = PREFIX + "mark"
"""Hash: per queue the newest hint that was seen, by its time of publication."""
PROBE: Final = PREFIX + "probe"
"""Hash: per queue the time of the last probe."""
QUEUES: Final = PREFIX + "queues"
"""Set: every queue a hint was ever published to."""
RUNS: Final = PREFIX + "runs"
HELD: Final = PREFIX + "held"
FAILED: Final = PREFIX + "failed"
"""Sorted sets: run ids by time, for `list`."""
SEALS: Final = PREFIX + "seals"
"""Hash: per seal key that wrote to the journal, one sealed word."""
ALIVE: Final = PREFIX + "alive"
"""String: when a worker last wrote here (ms)."""
WORKERS: Final = PREFIX + "workers"
"""Hash: a row per worker process."""


REFUSED: Final = PREFIX + "refused"
"""Hash: per fingerprint of a Stripe key that is not accepted, when it may be tried again (ms)."""


def trying_key(account: str) -> str:
    """String: a refused key is being tried. Beside it: `ok:<fingerprint>`, when Stripe last answered
    the account, and `late:<fingerprint>`, a sorted set of the calls that wait until it does."""
    return f"{PREFIX}trying:{account}"


def run_key(run_id: str) -> str:
    """Hash: meta, counters, and per open item its sealed payload and its state."""
    return f"{PREFIX}r:{run_id}"


def record_key(run_id: str) -> str:
    """List: the record of the run, a sealed line per event."""
    return f"{PREFIX}l:{run_id}"


def done_key(run_id: str) -> str:
    """List: one element when there is nothing to wait for."""
    return f"{PREFIX}d:{run_id}"


def sent_key(queue: str) -> str:
    """Sorted set: hints published to the queue and not begun, by time of publication."""
    return f"{PREFIX}sent:{queue}"


def context_key(context_id: str) -> str:
    """Sorted set: the runs of a context."""
    return f"{PREFIX}c:{context_id}"


def object_digest(object_id: str) -> str:
    """A Stripe id as it stands in a key: shorter than most, and told to nobody who reads Redis."""
    return sha256(object_id.encode()).hexdigest()[:20]


def object_key(object_id: str) -> str:
    """Sorted set: the runs whose answers name the object."""
    return f"{PREFIX}o:{object_digest(object_id)}"


def flow_key(sha: str) -> str:
    """String: the source of a flow, sealed."""
    return f"{PREFIX}flow:{sha}"


def set_key(set_id: str) -> str:
    """String: a flow set (name to SHA-256), sealed."""
    return f"{PREFIX}set:{set_id}"
