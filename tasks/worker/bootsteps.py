"""Steps of Celery's worker and consumer: checks at the start, the sweeper, named and redacted logs.

Celery runs them itself, so `celery -A tasks worker` needs no option.
"""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import Any

from celery import Celery, bootsteps
from celery.apps.worker import Worker
from celery.concurrency.prefork import TaskPool as Prefork
from celery.signals import (
    after_setup_logger,
    after_setup_task_logger,
    task_revoked,
    worker_shutdown,
)
from celery.worker.state import maybe_shutdown

from stripe_flows.engine.errors import JournalError, JournalUnavailable, StripeFlowsError
from stripe_flows.engine.flow import FlowFolder
from stripe_flows.engine.redact import redact
from stripe_flows.tasks.app import EX_CONFIG
from stripe_flows.tasks.hint import RUN_FLOW, task_name
from stripe_flows.tasks.journal.flows import store_flows
from stripe_flows.tasks.journal.store import Store
from stripe_flows.tasks.journal.workers import WORKER, WorkerRow, this_machine
from stripe_flows.tasks.log import NameStep
from stripe_flows.tasks.printable import one_line
from stripe_flows.tasks.services import Services
from stripe_flows.tasks.unknown_settings import report_unknown_variables
from stripe_flows.tasks.version import VERSION

from .malformed import dropped_messages
from .revoked import revoked_hint
from .services import WorkerServices, worker_services
from .sweeper import Sweeper
from .unbuffered_events import UnbufferedEvents

log = logging.getLogger("stripe_flows.worker")

STAMP_INTERVAL = 5.0
"""The time between two stamps of the consumer, in seconds."""


class QuietWorker(Worker):
    """A worker with a short banner: it shows how many operations there are, not each of them."""

    def tasklist(
        self, include_builtins: bool = True, sep: str = "\n", int_: str = "celery."
    ) -> str:
        """Return the tasks as the banner shows them."""
        ours = [name for name in self.app.tasks if name.startswith("stripe_flows.")]
        return f"  . {RUN_FLOW}{sep}  . {task_name('<operation>')}: {len(ours) - 1} of them"


class RedactKeys(logging.Filter):
    """The second net: mask everything in a log line that looks like a Stripe key."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the keys in the record's text and traceback."""
        text = record.getMessage()
        clean = redact(text)
        if clean != text:
            record.msg, record.args = clean, ()
        if record.exc_info and not record.exc_text:
            record.exc_text = redact(_PLAIN.formatException(record.exc_info))
        return True


_PLAIN = logging.Formatter()
_NAME_STEP = NameStep()


class SweeperStep(bootsteps.StartStopStep):
    """Check what the worker needs, and run its sweeper. In the worker's main process."""

    # After the pool: a prefork pool must be forked before there are threads and connections.
    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self.sweeper: Sweeper | None = None

    def start(self, parent: Any) -> None:
        """Check, store the flows, start the sweeper. Celery calls it once, when the worker starts."""
        app: Celery = parent.app
        report_unknown_variables()
        try:
            services = _when_the_journal_answers(app)
            check_disk(services.store, required=services.settings.require_aof)
            flow_set, sources = services.folder.read()
            store_flows(services.store, flow_set, sources, reseal=True)
            faults = FlowFaults(services.folder)
            faults.report()
        except StripeFlowsError as error:
            log.critical("%s", error, extra={"action": "refused_to_start"})
            raise SystemExit(EX_CONFIG) from None
        queues = tuple(sorted(str(name) for name in app.amqp.queues.consume_from))
        name = f"{parent.hostname}:{os.getpid()}:{WORKER}"
        if not issubclass(parent.pool_cls, Prefork):
            # Make the sandbox here, so that two threads of the pool do not make two. The processes
            # of a prefork pool make their own.
            _ = services.engine

        def row() -> WorkerRow:
            return WorkerRow(
                name=name,
                queues=queues,
                seal_keys=services.sealer.key_ids,
                flow_set=_stored_flow_set(services, faults),
                version=VERSION,
                worker=WORKER,
                pid=os.getpid(),
                machine=this_machine(),
            )

        self.sweeper = Sweeper(
            services.store,
            services.publisher,
            row,
            interval=services.settings.sweep_interval,
            grace=services.settings.grace,
            lease=services.settings.lease,
            processes=lambda: _pool_processes(parent),
            broker_answers=lambda: _broker_answers(app),
        )
        parent.stripe_flows_sweeper = self.sweeper
        task_revoked.connect(self._discarded)
        self.sweeper.start()

        # Keep the row until the pool has ended, so that no sweeper frees the steps it still does.
        worker_shutdown.connect(lambda **_: self._end(), sender=parent, weak=False)

    def _discarded(self, sender: Any, request: Any, terminated: bool, **_: Any) -> None:
        """Put the step off. Celery calls it when it discards a revoked task, or has killed one."""
        # A killed task may have sent its request: the step goes on when its lease lapses.
        if terminated or self.sweeper is None:
            return
        hint = revoked_hint(sender.name, request.id, request.kwargs, request.hostname)
        if hint is not None:
            self.sweeper.revoked(hint)

    def stop(self, parent: Any) -> None:
        """Announce the end. Celery calls it when the worker begins to end."""
        if self.sweeper is not None:
            self.sweeper.retire()

    def _end(self) -> None:
        if self.sweeper is not None:
            self.sweeper.stop()
            self.sweeper = None

    terminate = stop


class StampStep(bootsteps.StartStopStep):
    """Stamp regularly from the consumer's timer, so that the sweeper knows that it consumes."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self._entry: Any = None

    def start(self, parent: Any) -> None:
        """Start the timer. Celery calls it with every connection to the broker."""
        sweeper = getattr(parent.controller, "stripe_flows_sweeper", None)
        if sweeper is not None:
            sweeper.stamp()
            sweeper.hurry(str(name) for name in parent.app.amqp.queues.consume_from)
            self._entry = parent.timer.call_repeatedly(STAMP_INTERVAL, sweeper.stamp)

    def info(self, parent: Any) -> dict[str, Any]:  # type: ignore[override]
        """Return what `celery inspect stats` shows of this step: counts of this process."""
        return {
            "dropped_messages": dropped_messages.counts(),
            "failed_publications": worker_services(parent.app).publisher.failures,
        }

    def stop(self, parent: Any) -> None:
        """Stop the timer. Celery calls it when the connection is lost."""
        if self._entry is not None:
            self._entry.cancel()
            self._entry = None


def _when_the_journal_answers(app: Celery) -> WorkerServices:
    """Return the services. Wait for a journal that is away, as Celery waits for its broker."""
    logged = False
    while True:
        try:
            return worker_services(app)
        except JournalUnavailable as error:
            maybe_shutdown()
            if not logged:
                log.error("%s; waiting for it", error, extra={"action": "journal_away"})
                logged = True
            time.sleep(1.0)


def check_disk(store: Store, *, required: bool) -> None:
    """Log an error if a crash of Redis would lose the journal. Raises JournalError if `required`."""
    fault = store.disk_fault()
    if fault is None:
        return
    if required:
        raise JournalError(
            f"{fault}. STRIPE_FLOWS_REQUIRE_AOF is true, so this worker does not start"
        )
    # An error, which Celery shows in red on a terminal.
    log.error("%s", fault, extra={"action": "journal_not_durable"})


def install(app: Celery) -> None:
    """Add the steps to the app's workers."""
    app.steps["worker"].add(SweeperStep)
    app.steps["consumer"].add(StampStep)
    app.steps["consumer"].add(UnbufferedEvents)
    after_setup_logger.connect(_filter_logger, weak=False)
    after_setup_task_logger.connect(_filter_logger, weak=False)


def _filter_logger(logger: logging.Logger, **_: Any) -> None:
    # At the level debug it logs whole URLs, and the URL of a search holds the search text.
    logging.getLogger("urllib3").setLevel(logging.INFO)
    for handler in logger.handlers:
        if not any(isinstance(f, RedactKeys) for f in handler.filters):
            handler.addFilter(_NAME_STEP)
            handler.addFilter(RedactKeys())  # the last, to see the whole text


class FlowFaults:
    """Warn once of each file in the flows folder that cannot be a flow."""

    def __init__(self, folder: FlowFolder) -> None:
        self._folder = folder
        self._reported: set[tuple[Path, str]] = set()

    def report(self) -> None:
        """Log the faults that were not there at the last report. Raises InputError."""
        faults = set(self._folder.faults().items())
        for path, fault in sorted(faults - self._reported):
            text = "%s: %s; it fails when it is reached, and all other flows work"
            shown = one_line(str(path))
            log.warning(text, shown, fault, extra={"action": "flow_unusable", "path": shown})
        self._reported = faults


def _stored_flow_set(services: Services, faults: FlowFaults) -> str:
    """Store the flows of the folder, and return their set's id for the row. A start looks there."""
    try:
        flow_set, sources = services.folder.read()
        faults.report()
    except StripeFlowsError as error:
        log.error("%s", error, extra={"action": "flows_unreadable"})
        return ""
    store_flows(services.store, flow_set, sources)
    return flow_set.id


def _pool_processes(parent: Any) -> frozenset[int]:
    """Return the processes of a prefork pool; none for a pool of threads."""
    if not issubclass(parent.pool_cls, Prefork):
        return frozenset()
    return frozenset(parent.pool.info.get("processes") or ())


def _broker_answers(app: Celery) -> bool:
    try:
        with app.connection_for_read() as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
    except Exception:  # noqa: BLE001 - any failure means that it does not answer
        return False
    return True
