"""A worker's sweeper: publish lost hints again, free the steps of dead workers, write the row.

It runs in a daemon thread with connections of its own. So it works while the consumer reconnects, and
while every thread of the pool waits for Stripe.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable

from stripe_flows.engine.errors import JournalError, JournalUnavailable, SealError
from stripe_flows.tasks.hint import Hint
from stripe_flows.tasks.journal.store import Store
from stripe_flows.tasks.journal.sweep import audit, lapse, lost, sweep
from stripe_flows.tasks.journal.workers import (
    GONE_MS,
    WORKER,
    WorkerRow,
    gone_workers,
    process_of,
    remove_worker,
    write_worker,
)
from stripe_flows.tasks.log import log_step
from stripe_flows.tasks.publisher import Publisher

from .revoked import Revoked, put_off

log = logging.getLogger("stripe_flows.sweeper")

ROW_INTERVAL = 2.0
"""The time between two writes of the worker's row, in seconds."""

DEAF_AFTER = 60.0
"""A worker is deaf if its consumer has not stamped for so many seconds while the broker answers."""

EXIT_DEAF = 70
"""The exit code of a deaf worker."""

HURRY_GRACE_MS = 2_000
"""The grace of a queue whose hints were probably lost: its worker died, or its broker came back."""

HURRY_SECONDS = 15.0
"""The time for which that shorter grace lasts, in seconds."""


class Sweeper:
    """The sweeper of one worker."""

    def __init__(
        self,
        store: Store,
        publisher: Publisher,
        row: Callable[[], WorkerRow],
        *,
        interval: float,
        grace: float,
        lease: float,
        broker_answers: Callable[[], bool],
        processes: Callable[[], frozenset[int]] = frozenset,
        end_process: Callable[[int], object] = os._exit,
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._row = row
        self._interval = interval
        self._grace_ms = int(grace * 1000)
        self._lease_ms = int(lease * 1000)
        self._processes = processes
        self._seen_processes: frozenset[int] = frozenset()
        self._hurried: dict[str, float] = {}
        self._retired = False
        self._last_tick = self._there_since = time.monotonic()
        self._broker_answers = broker_answers
        self._end_process = end_process
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="stripe-flows-sweeper", daemon=True)
        self._stamp = time.monotonic()
        self._last_row = -ROW_INTERVAL
        self._suspect = 0
        self._audited = 0
        self._revoked: deque[Revoked] = deque()

    def start(self) -> None:
        """Write the worker's row, before it begins a step, and start the thread."""
        try:
            self._write_row()
        except JournalError as error:
            log.warning("%s", error, extra={"action": "row_not_written"})
        self._thread.start()

    def retire(self) -> None:
        """Announce that the worker begins to end: it finishes its steps and accepts no more."""
        self._retired = True

    def stop(self) -> None:
        """End the thread, free the steps that the worker still holds, and remove its row."""
        self._stop.set()
        self._thread.join(timeout=5)
        try:
            self.put_off_revoked()
            self._publisher.publish(lapse(self._store, WORKER, self._lease_ms))
            remove_worker(self._store, self._row().name)
        except JournalError as error:
            log.warning("%s", error, extra={"action": "row_not_removed"})

    def hurry(self, queues: Iterable[str]) -> None:
        """Use the shorter grace for these queues, for a while."""
        until = time.monotonic() + HURRY_SECONDS
        self._hurried |= dict.fromkeys(queues, until)

    def stamp(self) -> None:
        """Note that the consumer consumes. Its timer calls it, and stops while the broker is away."""
        self._stamp = time.monotonic()

    def revoked(self, hint: Revoked) -> None:
        """Accept a hint that the consumer discarded. The consumer does not wait for the journal."""
        self._revoked.append(hint)

    def put_off_revoked(self) -> None:
        """Put off the steps whose hints were revoked. Raises JournalUnavailable."""
        while self._revoked:
            hint = self._revoked.popleft()
            try:
                put_off(self._store, hint)
            except JournalUnavailable:
                self._revoked.appendleft(hint)
                raise
            except JournalError as error:
                # Its hint will be published and discarded again, and come here again.
                log_step(log, logging.WARNING, "revoked_failed", str(error), hint.step)

    def tick(self) -> int:
        """Sweep once. Return how many hints were published."""
        hints = sweep(self._store) + self._left_by_the_dead()
        hints += lost(self._store, self._grace_of)
        self._audited, put_back = audit(self._store, self._audited)
        if put_back:
            log.error(
                "the journal had lost the place of %d steps", put_back, extra={"action": "put_back"}
            )
        if time.monotonic() - self._last_row >= ROW_INTERVAL:
            # Before publishing, which may be slow: a worker without a new row counts as dead.
            self._write_row()
        if hints:
            log.info(
                "published %d hint%s again",
                len(hints),
                "" if len(hints) == 1 else "s",
                extra={"action": "swept", "n": len(hints)},
            )
        published = self._publisher.publish(hints)
        if published < len(hints):
            # The broker is away. When it is back, it may have lost its hints.
            self.hurry(hint.queue for hint in hints)
        return published

    def _write_row(self) -> None:
        row = self._row()
        write_worker(self._store, row.model_copy(update={"queues": ()} if self._retired else {}))
        self._last_row = time.monotonic()

    def _left_by_the_dead(self) -> list[Hint]:
        """Free the steps of workers that are gone, and of dead processes of this pool."""
        hints: list[Hint] = []
        for row in gone_workers(self._store, by_age=self._journal_was_there()):
            if row.worker:
                hints += lapse(self._store, row.worker, self._lease_ms)
            remove_worker(self._store, row.name)
            self.hurry(row.queues)
            log.warning(
                "worker %s is gone; %d of its steps go on",
                row.name,
                len(hints),
                extra={"action": "worker_gone", "worker": row.name, "n": len(hints)},
            )
        now = self._processes()
        for pid in self._seen_processes - now:
            hints += lapse(self._store, process_of(pid), self._lease_ms)
        self._seen_processes = now
        return hints

    def _journal_was_there(self) -> bool:
        """Return whether this sweeper has reached the journal for GONE_MS without a break.

        If not, the journal may have been away, and old rows do not mean that workers are dead.
        """
        now = time.monotonic()
        if now - self._last_tick > GONE_MS / 2000:
            self._there_since = now
        self._last_tick = now
        return now - self._there_since > GONE_MS / 1000

    def _grace_of(self, queue: str) -> int:
        hurries = self._hurried.get(queue, 0.0) > time.monotonic()
        return min(HURRY_GRACE_MS, self._grace_ms) if hurries else self._grace_ms

    def _loop(self) -> None:
        while not self._stop.wait(self._interval):
            try:
                self.put_off_revoked()
                self.tick()
                self.watch()
            except (JournalError, SealError) as error:
                log.warning("%s", error, extra={"action": "sweep_failed"})
            except Exception:
                # Only the sweeper brings lost steps back, so no error may end it.
                log.exception("the sweep failed", extra={"action": "sweep_failed"})

    def watch(self) -> None:
        """End a worker that has not consumed for a minute although the broker answers."""
        if self._retired or time.monotonic() - self._stamp < DEAF_AFTER:
            self._suspect = 0
            return
        self._suspect = self._suspect + 1 if self._broker_answers() else 0
        if self._suspect >= 3:
            log.critical(
                "the broker answers, but this worker has not consumed for %d s; it ends itself, to "
                "be started again by its supervisor",
                DEAF_AFTER,
                extra={"action": "deaf"},
            )
            self._end_process(EXIT_DEAF)
