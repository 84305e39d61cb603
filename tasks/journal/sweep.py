"""SWEEP, LAPSE, LOST and AUDIT: what nobody took up is found, to be published again."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from stripe_flows.tasks.payload import Hint

from .keys import DUE, MARK, PROBE, QUEUES, RUNS, sent_key
from .store import Reply, Store

LIMIT = 1000
"""Items in one script, so that no script holds Redis up for long (9 µs an item)."""


AUDITED = 10
"""Runs that one audit looks at."""


def sweep(store: Store) -> list[Hint]:
    """Leases that lapsed and delays that are over, as hints to publish."""
    return _hints(store.script("sweep", [DUE], [LIMIT]))


def lapse(store: Store, worker: str, lease_ms: int) -> list[Hint]:
    """The leases of a worker that is gone, as hints to publish: they need not be waited for.

    `worker`: its id, or one of its processes (`process_of`). A worker that lives after all loses its
    leases, which costs a doubt and no more.
    """
    found: list[Hint] = []
    skip = 0
    while skip >= 0:
        reply = store.script("lapse", [DUE], [worker, lease_ms, skip, LIMIT])
        skip = int(reply[1])
        found += _hints([reply[0], *reply[2:]])
    return found


def lost(store: Store, grace_ms: Callable[[str], int]) -> list[Hint]:
    """Hints that must be gone, and probes, over all queues.

    `grace_ms` returns how far behind the newest hint seen of a queue a hint counts as lost.
    """
    with store.reaching():
        queues = cast(set[bytes], store.redis.smembers(QUEUES))
    found: list[Hint] = []
    for name in queues:
        queue = name.decode()
        keys = [sent_key(queue), MARK, PROBE]
        found += _hints(store.script("lost", keys, [queue, grace_ms(queue), LIMIT]))
    return found


def audit(store: Store, position: int) -> tuple[int, int]:
    """Looks at a few runs from `position` in the list of all on, newest first.

    Gives the next position (0 after the last run), and how many steps were put back in their place.
    """
    with store.reaching():
        raw = store.redis.zrange(RUNS, position, position + AUDITED - 1, desc=True)
    runs = [run.decode() for run in cast(list[bytes], raw)]
    found = sum(cast(int, store.run("audit", run, run)) for run in runs)
    return (position + len(runs) if len(runs) == AUDITED else 0), found


def _hints(reply: Reply) -> list[Hint]:
    at, flat = int(reply[0]), reply[1:]
    return [
        Hint(
            run=flat[i].decode(),
            item=flat[i + 1].decode(),
            at=at,
            kind=flat[i + 2].decode(),
            name=flat[i + 3].decode(),
            queue=flat[i + 4].decode(),
            attempt=int(flat[i + 5]),
            context_id=flat[i + 6].decode(),
        )
        for i in range(0, len(flat), 7)
    ]
