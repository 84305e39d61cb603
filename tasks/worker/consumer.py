"""A worker's consumer: Celery's own, guarded against malformed messages.

Celery runs the class that the setting `worker_consumer` names. It passes every message to the
function that `create_task_handler` returns. Before that, Kombu's Redis channel parses the message.
Both raise into the worker's event loop, so both are guarded.
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
    """A consumer that no malformed message can end."""

    dropped: DroppedMessages = dropped_messages
    connection: Any
    connection_errors: tuple[type[Exception], ...]

    def create_task_handler(self, *args: Any, **kwargs: Any) -> Callable[[Any], None]:
        """Return the message handler. Celery calls it for every connection, before it consumes."""
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

    # Celery's own methods log the whole message. These only count it.

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """Drop a message whose body cannot be unpacked."""
        self._drop(message, NOT_READ)

    def on_unknown_message(self, body: Any, message: Any) -> None:
        """Drop a message that does not name a task."""
        self._drop(message, NOT_READ)

    def on_unknown_task(self, body: Any, message: Any, exc: Exception) -> None:
        """Drop a message of an unknown task."""
        self._drop(message, NOT_READ)

    def on_invalid_task(self, body: Any, message: Any, exc: Exception) -> None:
        """Drop a message that Celery refuses."""
        self._drop(message, NOT_READ)

    def _drop(self, message: Any, fault: str) -> None:
        self.dropped.add(fault)
        # Acknowledge it. If rejected, it would be delivered again and dropped again.
        message.ack_log_error(logger, self.connection_errors)


class _Guard:
    """Drop the messages of one Redis channel that Kombu cannot read.

    They were removed from their list already, so none needs to be acknowledged.
    """

    def __init__(self, channel: Any, dropped: DroppedMessages) -> None:
        self._dropped = dropped
        # Kombu raises KeyError for a missing part, and lists KeyError among its connection errors.
        self._lost = tuple(error for error in channel.connection_errors if error is not KeyError)
        self._made = False
        # It must be a class: Kombu also calls isinstance() with it.
        plain = channel.Message
        channel.Message = type("Message", (plain,), {"__init__": self._maker(plain)})
        for kind, read in channel.handlers.items():
            channel.handlers[kind] = functools.partial(self.read, kind, read)

    def _maker(self, plain: Any) -> Callable[..., None]:
        """Return the constructor of a message. It raises Malformed for a malformed one."""

        def make(message: Any, payload: object, channel: Any = None, **kwargs: Any) -> None:
            fault = envelope_fault(payload)
            if fault is not None:
                raise Malformed(fault)
            try:
                plain.__init__(message, payload, channel=channel, **kwargs)
            except Exception:  # noqa: BLE001 - a decoder may raise anything
                raise Malformed(NOT_CELERY) from None
            self._made = True

        return make

    def read(self, kind: str, read: Callable[..., object], **options: Any) -> object:
        """Read and deliver one message. Raises Empty if there is none, as Kombu does."""
        self._made = False
        try:
            return read(**options)
        except Malformed as malformed:
            fault = str(malformed)
        except (Empty, *self._lost):
            raise
        except Exception:
            if kind == "LISTEN":
                fault = (
                    BROADCAST  # a command or an event of another worker; losing one does no harm
                )
            elif self._made:
                raise  # the message is sound; the fault is the worker's
            else:
                fault = NOT_JSON
        self._dropped.add(fault)
        raise Empty


def _guard_channels(transport: Any, dropped: DroppedMessages) -> None:
    """Guard the channels that a Redis transport has opened, and those that it will open."""
    if getattr(transport, "driver_type", "") != "redis":
        return  # AMQP has typed frames: everything that arrives is a message

    def guarded(connection: Any) -> Any:
        channel = opened(connection)
        _Guard(channel, dropped)
        return channel

    opened, transport.Channel = transport.Channel, guarded
    for channel in transport.channels:
        _Guard(channel, dropped)
