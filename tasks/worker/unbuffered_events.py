"""Celery's events for Flower, none of them lost, with Celery before 5.7.

There the dispatcher buffers a task's events and empties the buffer after it has published them,
without a lock: what another thread of the pool adds meanwhile is lost, and Flower shows a task that
never ends. Unbuffered, each event is published under the dispatcher's own lock.
"""

from __future__ import annotations

from typing import Any

import celery
from celery import bootsteps


class UnbufferedEvents(bootsteps.StartStopStep):
    """Has the worker publish each event at once."""

    requires = ("celery.worker.consumer.events:Events",)

    def include_if(self, parent: Any) -> bool:
        """Return whether this Celery loses events."""
        return celery.VERSION < (5, 7)

    def start(self, parent: Any) -> None:
        """Called with every connection to the broker, after the dispatcher was made."""
        if parent.event_dispatcher is not None:
            parent.event_dispatcher.buffer_group = frozenset()

    def stop(self, parent: Any) -> None:
        """Called when the connection is lost; the dispatcher goes with it."""
