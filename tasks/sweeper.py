"""A worker's tick: publish again what nobody took up, write the worker's row, watch for deafness.

It runs in a daemon thread with connections of its own, so it goes on while the consumer reconnects
and while every thread of the pool waits for Stripe.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable

from stripe_flows.engine.errors import JournalError, SealError
from stripe_flows.tasks.hints import Publisher
from stripe_flows.tasks.journal.store import Store
from stripe_flows.tasks.journal.sweep import audit, lost, sweep
from stripe_flows.tasks.journal.workers import WorkerRow, remove_worker, write_worker

log = logging.getLogger("stripe_flows.sweeper")

ROW_INTERVAL = 3.0
"""Seconds between two writings of the worker's row."""

DEAF_AFTER = 60.0
"""Seconds without a stamp of the consumer, the broker being reachable, after which a worker is deaf."""

EXIT_DEAF = 70


class Sweeper:
    """The tick of one worker."""

    def __init__(
        self,
        store: Store,
        publisher: Publisher,
        row: Callable[[], WorkerRow],
        *,
        interval: float,
        grace: float,
        broker_answers: Callable[[], bool],
        end_process: Callable[[int], object] = os._exit,
    ) -> None:
        self._store = store
        self._publisher = publisher
        self._row = row
        self._interval = interval
        self._grace_ms = int(grace * 1000)
        self._broker_answers = broker_answers
        self._end_process = end_process
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="stripe-flows-sweeper", daemon=True)
        self._stamp = time.monotonic()
        self._last_row = -ROW_INTERVAL
        self._suspect = 0
        self._audited = 0

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread, and takes the worker's row away."""
        self._stop.set()
        self._thread.join(timeout=5)
        try:
            remove_worker(self._store, self._row().name)
        except JournalError as error:
            log.warning("%s", error, extra={"action": "row_not_removed"})

    def stamp(self) -> None:
        """The consumer lives. Called by its timer, which stands still while the broker is away."""
        self._stamp = time.monotonic()

    def tick(self) -> int:
        """One sweep over everything; gives how many hints were published."""
        hints = sweep(self._store)
        hints += lost(self._store, self._grace_ms)
        self._audited, put_back = audit(self._store, self._audited)
        if put_back:
            log.error(
                "the journal had lost the place of %d steps", put_back, extra={"action": "put_back"}
            )
        if time.monotonic() - self._last_row >= ROW_INTERVAL:
            # Before publishing, which may take its time, so that a worker that lives looks alive.
            write_worker(self._store, self._row())
            self._last_row = time.monotonic()
        if hints:
            log.info(
                "published %d hints again", len(hints), extra={"action": "swept", "n": len(hints)}
            )
        return self._publisher.publish(hints)

    def _loop(self) -> None:
        while not self._stop.wait(self._interval):
            try:
                self.tick()
                self.watch()
            except (JournalError, SealError) as error:
                log.warning("%s", error, extra={"action": "sweep_failed"})
            except Exception:
                # The sweeper is what brings lost steps back: it outlives whatever surprises it.
                log.exception("the sweep failed", extra={"action": "sweep_failed"})

    def watch(self) -> None:
        """Ends a worker that has not consumed for long although the broker answers."""
        if time.monotonic() - self._stamp < DEAF_AFTER:
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
