"""The Celery app, without its tasks: all that a caller needs to publish hints.

The tasks, the sandbox and the HTTP client are imported when Celery asks for the class of a worker.
So a caller's process imports none of them and does not need them installed.
"""

from __future__ import annotations

import os
import sys
from functools import cached_property
from importlib import import_module
from typing import Any, Final

from celery import Celery
from kombu import Connection

from stripe_flows.engine.errors import SettingsError

from .extras import require
from .service_urls import check_broker

EX_CONFIG: Final = 78
"""The exit code of a worker that refuses to start; as in sysexits.h."""


class App(Celery):
    """Celery, with a broker of its own, and with a worker that is imported at its first use.

    Celery lets CELERY_BROKER_URL and similar variables win over any configuration. They belong to all
    Celery apps of an environment, and STRIPE_FLOWS_BROKER_URL to this one. So this one wins.
    """

    def connection_for_read(self, url: str | None = None, **kwargs: Any) -> Connection:
        """Return a connection to consume from."""
        return super().connection_for_read(url or _own_broker(), **kwargs)

    def connection_for_write(self, url: str | None = None, *args: Any, **kwargs: Any) -> Connection:
        """Return a connection to publish on."""
        return super().connection_for_write(url or _own_broker(), *args, **kwargs)

    def connection(self, hostname: str | None = None, *args: Any, **kwargs: Any) -> Connection:
        """Return a connection for other purposes."""
        return super().connection(hostname or _own_broker(), *args, **kwargs)

    @cached_property
    def Worker(self) -> type:
        """The class that `celery worker` runs. Reading it registers the tasks."""
        try:
            require("worker", "running a worker")
            check_broker(os.environ)  # Celery makes its connection before it asks for any setting
        except (SettingsError, ValueError) as error:
            sys.stderr.write(f"error: {error}\n")
            raise SystemExit(EX_CONFIG) from None
        import_module("stripe_flows.tasks.celery_tasks")
        worker = import_module("stripe_flows.tasks.worker.bootsteps")
        return self.subclass_with_self(worker.QuietWorker)


def _own_broker() -> str | None:
    # Read at each connection, as Celery reads its own variables.
    return os.environ.get("STRIPE_FLOWS_BROKER_URL") or None


app = App("stripe_flows", set_as_current=False)
app.config_from_object("stripe_flows.celeryconfig")
