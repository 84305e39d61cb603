"""What a worker has beside a caller's parts: the sandbox, and the HTTP client."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, fields

from celery import Celery

from stripe_flows.engine.execution import Engine, Limits
from stripe_flows.tasks.client import StripeClient
from stripe_flows.tasks.parts import Parts, process_parts


@dataclass(frozen=True)
class WorkerParts(Parts):
    """The parts of a worker's process."""

    client: StripeClient

    @functools.cached_property
    def engine(self) -> Engine:
        """The sandbox; its first process starts with it."""
        settings = self.settings
        limits = Limits(
            seconds=settings.script_seconds,
            memory=settings.script_memory,
            calls=settings.max_calls,
        )
        return Engine(limits, processes=settings.script_processes)


def with_client(parts: Parts) -> WorkerParts:
    """Return a worker's parts, which share the connections of `parts`."""
    settings = parts.settings
    client = StripeClient(
        settings.stripe_api_base,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
    )
    shared = {field.name: getattr(parts, field.name) for field in fields(Parts)}
    return WorkerParts(**shared, client=client)


def worker_parts(app: Celery) -> WorkerParts:
    """This process's parts. Raises SettingsError, JournalError, JournalUnavailable."""
    return _worker_parts(app, os.getpid())


@functools.lru_cache(maxsize=1)
def _worker_parts(app: Celery, pid: int) -> WorkerParts:
    return with_client(process_parts(app))
