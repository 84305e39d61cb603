"""The services of a process: settings, seal, journal, publisher. A worker has `WorkerServices`.

They are made once a process, at the first use and after a fork: connections and the sandbox's
processes do not survive a fork. Threads share them without a lock. Tests make their own and pass
them in.
"""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass

from celery import Celery

from stripe_flows.engine.flow import FlowFolder
from stripe_flows.tasks.journal.flows import FlowCache
from stripe_flows.tasks.journal.seals import check_seal
from stripe_flows.tasks.journal.store import Retention, Store
from stripe_flows.tasks.journal.workers import WorkerView

from .publisher import Publisher
from .sealing import Sealer
from .settings import Settings, current_settings

_DAY_MS = 86_400_000


@dataclass(frozen=True)
class Services:
    """The services of one process."""

    settings: Settings
    sealer: Sealer
    store: Store
    """The connection to the journal."""
    publisher: Publisher
    folder: FlowFolder
    """The flows folder of this machine."""
    flows: FlowCache
    """The flows that the journal has."""
    workers: WorkerView


def make_services(app: Celery, settings: Settings) -> Services:
    """Return services with connections of their own. Raises SettingsError without a seal key."""
    sealer = Sealer(settings.seal_keys)
    store = make_store(settings, sealer)
    return Services(
        settings=settings,
        sealer=sealer,
        store=store,
        publisher=Publisher(app),
        folder=FlowFolder(settings.flows_dir),
        flows=FlowCache(store),
        workers=WorkerView(store),
    )


def make_store(settings: Settings, sealer: Sealer) -> Store:
    """Return a connection to the journal that the settings name."""
    retention = Retention(
        keep_ms=int(settings.retention_days * _DAY_MS),
        tombstone_ms=int(settings.tombstone_days * _DAY_MS),
        details=settings.keep_requests,
    )
    return Store(settings.journal_url, sealer, retention)


def process_services(app: Celery) -> Services:
    """Return this process's services. Raises SettingsError, JournalError, JournalUnavailable."""
    return _process_services(app, os.getpid())


@functools.lru_cache(maxsize=1)
def _process_services(app: Celery, pid: int) -> Services:
    services = make_services(app, current_settings())
    services.store.check_server()
    check_seal(services.store)
    return services
