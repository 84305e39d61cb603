"""Publishing hints: the journal has the step already; the broker learns that it is due.

A publication that fails is counted, logged and swallowed: the sweeper of any worker publishes the
hint again.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable

from celery import Celery
from kombu import Connection, pools

from stripe_flows.tasks.journal.close import Child, Closed

from .hint import Hint
from .log import log_step, step_of_hint
from .service_urls import is_redis_broker

log = logging.getLogger("stripe_flows.hints")

TIMEOUT = 2.0
"""The time limit of a publication, in seconds."""

_NO_RETRIES = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}


class Publisher:
    """Publish hints by task name, so that no task imports another.

    Its connections are its own and have shorter time-outs than a consumer's: neither the start of a
    flow nor a worker's sweeper waits for a broker. A process makes one after it was forked.
    """

    def __init__(self, app: Celery) -> None:
        self._app = app
        self.failures = 0
        """The number of publications that failed; `inspect stats` shows it as `failed_publications`."""

    def publish(self, hints: Iterable[Hint]) -> int:
        """Publish the hints, up to the first that fails. Return how many the broker accepted."""
        done = 0
        for hint in hints:
            if not self._publish(hint):
                break
            done += 1
        return done

    def publish_children(self, run_id: str, closed: Closed) -> None:
        """Publish the hints of the items that a CLOSE created."""
        self.publish(hint_of(run_id, child, closed.at) for child in closed.children)

    def _publish(self, hint: Hint) -> bool:
        try:
            producers = pools.producers[self._connection]
            with producers.acquire(block=True, timeout=TIMEOUT) as producer:
                self._app.send_task(
                    hint.task,
                    kwargs=hint.arguments,
                    task_id=f"{hint.item_id}.{hint.attempt}",
                    queue=hint.queue,
                    producer=producer,
                    retry=False,
                    ignore_result=True,
                    confirm_timeout=TIMEOUT,
                )
        except Exception as error:  # noqa: BLE001 - the step is committed; a sweeper publishes it
            self.failures += 1
            kind = type(error).__name__
            text = f"the broker did not accept a hint ({kind}); a sweeper publishes it again"
            log_step(log, logging.WARNING, "publish_failed", text, step_of_hint(hint))
            return False
        return True

    @functools.cached_property
    def _connection(self) -> Connection:
        """The broker with this publisher's options. Kombu keeps a pool of producers for it."""
        options: dict[str, float] = dict(_NO_RETRIES)
        if is_redis_broker(self._app.connection_for_write().as_uri()):
            options |= {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
        return self._app.connection_for_write(transport_options=options)


def hint_of(run_id: str, child: Child, at: int, attempt: int = 1) -> Hint:
    """Return the hint for an item that was just created."""
    return Hint(
        run_id=run_id,
        item_id=child.item_id,
        at=at,
        queue=child.queue,
        kind=child.kind,
        name=child.name,
        attempt=attempt,
        context_id=child.context_id,
    )
