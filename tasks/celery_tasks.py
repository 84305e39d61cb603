"""The Celery tasks: one per Stripe endpoint, all of one class, and `run_flow`. For workers alone.

The tasks hold no logic: they hand the hint to `run_flow` or `send_request`, and tell Celery how it
ended in the way that Celery and Flower show right. Why each exception: `docs/decisions.md`.
"""

from __future__ import annotations

from typing import NoReturn

from celery import Task
from celery.exceptions import Ignore, Retry
from celery.worker.state import revoked as revoked_ids

from stripe_flows.engine.errors import CallFailed, InputError, JournalError, ScriptFailed
from stripe_flows.engine.stripe.catalog import stripe_catalog
from stripe_flows.tasks.journal.begin import Delivery
from stripe_flows.tasks.worker.bootsteps import install
from stripe_flows.tasks.worker.malformed import WRONG_KIND, dropped_messages
from stripe_flows.tasks.worker.revoked import put_off, revoked_hint
from stripe_flows.tasks.worker.services import worker_services

from .app import app
from .attempt_end import AttemptEnd, Done, Failed, Ignored
from .hint import RUN_FLOW, task_name
from .run_flow import run_flow
from .send_request import send_request


class ItemTask(Task):  # type: ignore[type-arg]
    """A hint's way in."""

    abstract = True
    ignore_result = True
    store_errors_even_if_ignored = False
    # What is listed is logged as one line, without a traceback.
    throws = (CallFailed, ScriptFailed, JournalError)
    typing = False
    Request = "stripe_flows.tasks.worker.request:HintRequest"

    def before_begin(self) -> None:
        """Put the step off if its attempt was revoked while it waited for a thread of this process.

        Celery looks at what is revoked when it receives a task, and then no more. Raises Retry,
        Ignore.
        """
        asked = self.request
        if asked.id not in revoked_ids:
            return
        hint = revoked_hint(self.name, asked.id, asked.kwargs or {}, asked.hostname)
        if hint is not None and put_off(worker_services(app).store, hint):
            raise Retry("the attempt was revoked before it began")
        raise Ignore("revoked")

    def queue(self) -> str:
        """The queue that the hint came from."""
        info = self.request.delivery_info
        return str(info.get("routing_key") or "") if info else ""


class RunFlow(ItemTask):
    """One execution of one script."""

    name = RUN_FLOW

    def run(self, run: str, item: str, at: int, **_shown: str) -> None:
        """`run`, `item`: what wants doing; `at`: when the hint was published (ms)."""
        self.before_begin()
        try:
            end = run_flow(worker_services(app), Delivery(run, item, at, self.queue()))
        except InputError as error:  # the flows folder cannot be read; the sweeper asks again
            raise Retry(str(error)) from None
        if isinstance(end, Failed):
            raise ScriptFailed(end.reason, flow=_shown.get("flow", ""), line=end.line) from None
        _tell(end)


class SendRequest(ItemTask):
    """One attempt at a call of the operation that the task is named after."""

    operation = ""

    def run(self, run: str, item: str, at: int, **_shown: str) -> None:
        """`run`, `item`: what wants doing; `at`: when the hint was published (ms)."""
        self.before_begin()
        hint = Delivery(run, item, at, self.queue())
        end = send_request(worker_services(app), hint, self.operation)
        if isinstance(end, Failed):
            raise CallFailed(end.reason) from None
        _tell(end)


def _tell(end: AttemptEnd) -> None:
    if not isinstance(end, Done):
        _not_done(end)


def _not_done(end: AttemptEnd) -> NoReturn:
    if isinstance(end, Ignored):
        if end.why == "wrong kind":
            dropped_messages.add(WRONG_KIND)
        raise Ignore(end.why)
    raise Retry(getattr(end, "reason", ""))


app.register_task(RunFlow())
for _operation in stripe_catalog().operations:
    _named = {"name": task_name(_operation), "operation": _operation}
    _task = type("SendRequest", (SendRequest,), _named)
    app.register_task(_task())

install(app)
