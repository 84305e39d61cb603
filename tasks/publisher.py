"""Publishing hints: the journal has the step already, the broker is told that it wants doing.

A publication that fails is counted and swallowed: the sweeper of any worker publishes it again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from celery import Celery
from kombu import pools

from stripe_flows.tasks.journal.close import Child, Closed

from .hint import RUN_FLOW, Hint, task_name
from .log import log_step, step_of_hint

log = logging.getLogger("stripe_flows.hints")

TIMEOUT = 2.0
"""Seconds that a publication may take."""

_AT_ONCE = {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}


class Publisher:
    """Publishes hints by task name, so that no task needs to know another.

    On connections of its own, whose time-outs are shorter than a consumer's: whoever starts a flow,
    and a worker's sweeper, waits for no broker.
    """

    def __init__(self, app: Celery) -> None:
        self._app = app
        self.failures = 0

    def publish(self, hints: Iterable[Hint]) -> int:
        """Publishes; gives how many were taken by the broker. The first refusal ends it."""
        done = 0
        for hint in hints:
            if not self._publish(hint):
                break
            done += 1
        return done

    def publish_children(self, run: str, closed: Closed) -> None:
        """Publishes what a CLOSE created."""
        self.publish(hint_of(run, child, closed.at) for child in closed.children)

    def _publish(self, hint: Hint) -> bool:
        what = "flow" if hint.kind == "execution" else "operation"
        try:
            with self._producers.acquire(block=True, timeout=TIMEOUT) as producer:
                self._app.send_task(
                    RUN_FLOW if hint.kind == "execution" else task_name(hint.name),
                    kwargs={
                        "run": hint.run,
                        "item": hint.item,
                        "at": hint.at,
                        what: hint.name,
                        "context_id": hint.context_id,
                    },
                    task_id=f"{hint.item}.{hint.attempt}",
                    queue=hint.queue,
                    producer=producer,
                    retry=False,
                    ignore_result=True,
                    confirm_timeout=TIMEOUT,
                )
        except Exception as error:  # noqa: BLE001 - the step is committed, and the sweeper will tell
            self.failures += 1
            kind = type(error).__name__
            text = f"the broker did not take a hint ({kind}); the sweeper will publish it"
            log_step(log, logging.WARNING, "publish_failed", text, step_of_hint(hint))
            return False
        return True

    @property
    def _producers(self) -> Any:
        """A pool of producers for this broker; Kombu keeps it, and closes it after a fork."""
        options: dict[str, float] = dict(_AT_ONCE)
        if self._app.conf.broker_transport_options.get("ack_emulation") is False:  # a Redis
            options |= {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT}
        connection = self._app.connection_for_write(transport_options=options)
        return pools.producers[connection]


def hint_of(run: str, child: Child, at: int, attempt: int = 1) -> Hint:
    """The hint for an item that was just created."""
    return Hint(
        run=run,
        item=child.item_id,
        at=at,
        queue=child.queue,
        kind=child.kind,
        name=child.name,
        attempt=attempt,
        context_id=child.context_id,
    )
