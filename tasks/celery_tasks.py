"""The Celery tasks: `run_flow`, and one per Stripe endpoint, all of one class. Only workers import it.

The tasks hold no logic. They pass the hint to `run_flow` or `send_request`, and raise the exception
that makes Celery and Flower show how the attempt ended. Why each exception: `docs/decisions.md`.
"""

from __future__ import annotations

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
from .attempt_end import Done, Failed, Ignored, PutOff
from .hint import RUN_FLOW, task_name
from .run_flow import run_flow
from .send_request import send_request


class ItemTask(Task):  # type: ignore[type-arg]
    """A Celery task whose messages are hints."""

    abstract = True
    ignore_result = True
    store_errors_even_if_ignored = False
    # Celery logs these as one line, without a traceback.
    throws = (CallFailed, ScriptFailed, JournalError)
    typing = False
    Request = "stripe_flows.tasks.worker.request:HintRequest"

    def before_begin(self) -> None:
        """Put the step off if its attempt was revoked while it waited for a thread of this process.

        Celery looks for revoked ids only when it receives a task. Raises Retry, Ignore.
        """
        request = self.request
        if request.id not in revoked_ids:
            return
        hint = revoked_hint(self.name, request.id, request.kwargs or {}, request.hostname)
        if hint is not None and put_off(worker_services(app).store, hint):
            raise Retry("the attempt was revoked before it began")
        raise Ignore("revoked")

    def queue(self) -> str:
        """Return the queue that the hint came from."""
        info = self.request.delivery_info
        return str(info.get("routing_key") or "") if info else ""


class RunFlow(ItemTask):
    """One execution of one script."""

    name = RUN_FLOW

    def run(self, run: str, item: str, at: int, **_shown: str) -> None:
        """Do the step that is due. `run`, `item`: its ids; `at`: when the hint was published (ms)."""
        self.before_begin()
        try:
            end = run_flow(worker_services(app), Delivery(run, item, at, self.queue()))
        except InputError as error:
            # The flows folder cannot be read. The sweeper publishes the hint again.
            raise Retry(str(error)) from None
        if isinstance(end, Failed):
            raise ScriptFailed(end.reason, flow=_shown.get("flow", ""), line=end.line) from None
        _raise_unless_done(end)


class SendRequest(ItemTask):
    """One attempt at a call of the operation that the task is named after."""

    operation = ""

    def run(self, run: str, item: str, at: int, **_shown: str) -> None:
        """Do the step that is due. `run`, `item`: its ids; `at`: when the hint was published (ms)."""
        self.before_begin()
        hint = Delivery(run, item, at, self.queue())
        end = send_request(worker_services(app), hint, self.operation)
        if isinstance(end, Failed):
            raise CallFailed(end.reason) from None
        _raise_unless_done(end)


def _raise_unless_done(end: Done | PutOff | Ignored) -> None:
    if isinstance(end, Ignored):
        if end.why == "wrong kind":
            dropped_messages.add(WRONG_KIND)
        raise Ignore(end.why)
    if isinstance(end, PutOff):
        raise Retry(end.reason)


app.register_task(RunFlow())
for _operation in stripe_catalog().operations:
    _named = {"name": task_name(_operation), "operation": _operation}
    _task = type("SendRequest", (SendRequest,), _named)
    app.register_task(_task())

install(app)
