"""The consumer of a worker: Celery's own, which drops what is no hint before Celery reads it.

Celery runs the class that the setting `worker_consumer` names. It hands every message to what
`create_task_handler` returns; below that, Kombu's Redis channel parses what it took off a list. Both
are guarded, since both raise into the event loop of the worker.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from queue import Empty
from typing import Any

from celery.utils.log import get_logger
from celery.worker.consumer import Consumer

from .malformed import (
    BROADCAST,
    NOT_CELERY,
    NOT_JSON,
    NOT_READ,
    DroppedMessages,
    Malformed,
    dropped_messages,
    envelope_fault,
    message_fault,
)

logger = get_logger(__name__)


class HintConsumer(Consumer):
    """A consumer that no message can end."""

    dropped: DroppedMessages = dropped_messages
    connection: Any
    connection_errors: tuple[type[Exception], ...]

    def create_task_handler(self, *args: Any, **kwargs: Any) -> Callable[[Any], None]:
        """Return what handles a message. Celery calls it for every connection, before it consumes."""
        receive = super().create_task_handler(*args, **kwargs)
        _guard_channels(self.connection.transport, self.dropped)
        tasks = self.app.tasks

        def on_task_received(message: Any) -> None:
            fault = message_fault(message, tasks)
            if fault is None:
                receive(message)
            else:
                self._drop(message, fault)

        return on_task_received

    # What Celery itself finds wrong it logs with all that the message holds.

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """Drop a message whose body cannot be unpacked."""
        self._drop(message, NOT_READ)

    def on_unknown_message(self, body: Any, message: Any) -> None:
        """Drop a message that is of no task."""
        self._drop(message, NOT_READ)

    def on_unknown_task(self, body: Any, message: Any, exc: Exception) -> None:
        """Drop a message of a task that is not there."""
        self._drop(message, NOT_READ)

    def on_invalid_task(self, body: Any, message: Any, exc: Exception) -> None:
        """Drop a message that Celery refuses."""
        self._drop(message, NOT_READ)

    def _drop(self, message: Any, fault: str) -> None:
        self.dropped.add(fault)
        # Acknowledged, not rejected: redelivered it would only be dropped again.
        message.ack_log_error(logger, self.connection_errors)


class _Guard:
    """One channel of a Redis broker: what Kombu cannot make a message of is dropped.

    It was taken off its list already, so nothing has to be acknowledged.
    """

    def __init__(self, channel: Any, dropped: DroppedMessages) -> None:
        self._dropped = dropped
        # Kombu raises a KeyError for parts that are missing, and counts it as a lost connection.
        self._lost = tuple(error for error in channel.connection_errors if error is not KeyError)
        self._made = False
        # Kombu also asks what is an instance of it, so it has to be a class.
        plain = channel.Message
        channel.Message = type("Message", (plain,), {"__init__": self._maker(plain)})
        for kind, read in channel.handlers.items():
            channel.handlers[kind] = functools.partial(self.read, kind, read)

    def _maker(self, plain: Any) -> Callable[..., None]:
        """Return what makes a message of what was parsed; it raises Malformed."""

        def make(message: Any, payload: object, channel: Any = None, **kwargs: Any) -> None:
            fault = envelope_fault(payload)
            if fault is not None:
                raise Malformed(fault)
            try:
                plain.__init__(message, payload, channel=channel, **kwargs)
            except Exception:  # noqa: BLE001 - whatever a decoder raises, it is no message
                raise Malformed(NOT_CELERY) from None
            self._made = True

        return make

    def read(self, kind: str, read: Callable[..., object], **options: Any) -> object:
        """Read and deliver one message. Raises Empty where there is none, as Kombu does."""
        self._made = False
        try:
            return read(**options)
        except Malformed as malformed:
            fault = str(malformed)
        except (Empty, *self._lost):
            raise
        except Exception:
            if kind == "LISTEN":
                fault = BROADCAST  # a command or an event of other workers; each may be missed
            elif self._made:
                raise  # the message is sound: what failed is the worker
            else:
                fault = NOT_JSON
        self._dropped.add(fault)
        raise Empty


def _guard_channels(transport: Any, dropped: DroppedMessages) -> None:
    """Guard the channels that a Redis transport has opened, and those that it is going to open."""
    if getattr(transport, "driver_type", "") != "redis":
        return  # AMQP has typed frames: what comes over it is a message

    def guarded(connection: Any) -> Any:
        channel = opened(connection)
        _Guard(channel, dropped)
        return channel

    opened, transport.Channel = transport.Channel, guarded
    for channel in transport.channels:
        _Guard(channel, dropped)
