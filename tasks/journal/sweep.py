"""SWEEP, LAPSE, LOST and AUDIT: find the steps whose hints have to be published again."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from stripe_flows.tasks.hint import Hint

from .keys import DUE, MARK, PROBE, QUEUES, RUNS, sent_key
from .store import Reply, Store

LIMIT = 1000
"""Items per script, so that no script blocks Redis for long (9 µs an item)."""

AUDITED = 10
"""Runs per audit."""


def sweep(store: Store) -> list[Hint]:
    """End the leases and delays whose time has come. Return the hints to publish."""
    return _hints(store.script("sweep", [DUE], LIMIT))


def lapse(store: Store, worker: str, lease_ms: int) -> list[Hint]:
    """End the leases of a worker that is gone. Return the hints to publish.

    `worker`: its id, or one of its processes (`process_of`). If the worker lives after all, it loses
    its leases and its calls become unsure; nothing else is lost.
    """
    found: list[Hint] = []
    skip = 0
    while skip >= 0:
        reply = store.script("lapse", [DUE], worker, lease_ms, skip, LIMIT)
        skip = int(reply[1])
        found += _hints([reply[0], *reply[2:]])
    return found


def lost(store: Store, grace_ms: Callable[[str], int]) -> list[Hint]:
    """Find lost hints, and probes, in all queues. Return them to be published.

    `grace_ms`: returns, for a queue, how much older than the newest hint seen a lost hint is.
    """
    with store.reaching():
        queues = cast(set[bytes], store.redis.smembers(QUEUES))
    found: list[Hint] = []
    for name in queues:
        queue = name.decode()
        keys = [sent_key(queue), MARK, PROBE]
        found += _hints(store.script("lost", keys, queue, grace_ms(queue), LIMIT))
    return found


def audit(store: Store, position: int) -> tuple[int, int]:
    """Look for steps that are missing in the indexes, in a few runs from `position` on, newest first.

    Return the next position (0 after the last run), and how many steps were put back.
    """
    with store.reaching():
        raw = store.redis.zrange(RUNS, position, position + AUDITED - 1, desc=True)
    run_ids = [run_id.decode() for run_id in cast(list[bytes], raw)]
    found = sum(cast(int, store.step("audit", run_id)) for run_id in run_ids)
    return (position + len(run_ids) if len(run_ids) == AUDITED else 0), found


def _hints(reply: Reply) -> list[Hint]:
    at, flat = int(reply[0]), reply[1:]
    return [
        Hint(
            run_id=flat[i].decode(),
            item_id=flat[i + 1].decode(),
            at=at,
            kind=flat[i + 2].decode(),
            name=flat[i + 3].decode(),
            queue=flat[i + 4].decode(),
            attempt=int(flat[i + 5]),
            context_id=flat[i + 6].decode(),
        )
        for i in range(0, len(flat), 7)
    ]
