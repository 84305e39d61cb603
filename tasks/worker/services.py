"""The services of a worker: those of a caller, the sandbox, and the HTTP client."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass, fields

from celery import Celery

from stripe_flows.engine.execution import Engine, Limits
from stripe_flows.tasks.http.client import StripeClient
from stripe_flows.tasks.services import Services, process_services


@dataclass(frozen=True)
class WorkerServices(Services):
    """The services of a worker's process."""

    client: StripeClient

    @functools.cached_property
    def engine(self) -> Engine:
        """The sandbox. Reading it starts its first process."""
        settings = self.settings
        limits = Limits(
            seconds=settings.script_seconds,
            memory=settings.script_memory,
            calls=settings.max_calls,
        )
        return Engine(limits, processes=settings.script_processes)


def with_client(services: Services) -> WorkerServices:
    """Return a worker's services. They share the connections of `services`."""
    settings = services.settings
    client = StripeClient(
        settings.stripe_api_base,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
    )
    shared = {field.name: getattr(services, field.name) for field in fields(Services)}
    return WorkerServices(**shared, client=client)


def worker_services(app: Celery) -> WorkerServices:
    """Return this process's services. Raises SettingsError, JournalError, JournalUnavailable."""
    return _worker_services(app, os.getpid())


@functools.lru_cache(maxsize=1)
def _worker_services(app: Celery, pid: int) -> WorkerServices:
    return with_client(process_services(app))
