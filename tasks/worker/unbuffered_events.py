"""Publish each of Celery's events at once, with Celery before 5.7, so that none is lost.

There the dispatcher buffers a task's events, publishes them and then empties the buffer, without a
lock. Events that another thread of the pool adds in between are lost, and Flower shows a task that
never ends. Unbuffered, each event is published under the dispatcher's own lock.
"""

from __future__ import annotations

from typing import Any

import celery
from celery import bootsteps


class UnbufferedEvents(bootsteps.StartStopStep):
    """Make the worker publish each event at once."""

    requires = ("celery.worker.consumer.events:Events",)

    def include_if(self, parent: Any) -> bool:
        """Return whether this Celery loses events."""
        return celery.VERSION < (5, 7)

    def start(self, parent: Any) -> None:
        """Switch the buffer off. Celery calls it with every connection, after the dispatcher."""
        if parent.event_dispatcher is not None:
            parent.event_dispatcher.buffer_group = frozenset()

    def stop(self, parent: Any) -> None:
        """Do nothing: the dispatcher ends with its connection."""
