"""A run in the Python API: follow it, cancel it, retry its steps, resolve its held calls."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from stripe_flows.engine.details import RequestDetails, request_details
from stripe_flows.engine.errors import InputError, RunFailed, RunHeld, RunNotFound
from stripe_flows.tasks.events import Event
from stripe_flows.tasks.item import CallItem
from stripe_flows.tasks.journal.read import (
    OpenItem,
    RunState,
    RunStatus,
    read_open_items,
    read_payload,
    read_run,
    wait_done,
)
from stripe_flows.tasks.journal.record import read_record
from stripe_flows.tasks.journal.workers import consumed_queues
from stripe_flows.tasks.object_claim import listed
from stripe_flows.tasks.services import Services

from .decide import (
    cancel_run,
    doubts_about,
    resolve_as_error,
    resolve_as_response,
    retry,
)
from .waiting import Wait, waits


class Run:
    """All that follows from one start. Each method reads the journal anew; only the id is kept."""

    id: str
    """The run_id."""

    def __init__(self, run_id: str, services: Services) -> None:
        self.id = run_id
        self._services = services

    def __repr__(self) -> str:
        return f"Run({self.id!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def status(self) -> RunStatus:
        """Return `running`, `held`, `cancelled`, `failed` or `succeeded`. Raises RunNotFound.

        `running`: a step is neither done nor held. `held`: nothing runs, and a call's outcome is
        unknown. `cancelled`: somebody cancelled it. `failed`: a step failed that nothing handled.
        """
        return self.state().status

    def state(self) -> RunState:
        """Return the status with counts, times, and the input of the start. Raises RunNotFound."""
        return read_run(self._services.store, self.id)

    def exists(self) -> bool:
        """Return True unless the run was never started or has expired."""
        try:
            self.state()
        except RunNotFound:
            return False
        return True

    def wait(self, timeout: float | None = None) -> RunStatus:
        """Block until the run is not `running` any more, and return its status.

        `timeout` is in seconds; None waits forever. Raises TimeoutError, which reports the open
        steps; RunNotFound.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            left = 2.0 if until is None else until - time.monotonic()
            done = wait_done(self._services.store, self.id, max(left, 0.0))
            status = self.status()
            if done and status != "running":
                return status
            if left <= 0:
                raise TimeoutError(self._still_running(timeout or 0.0))

    def output(self) -> str:
        """Return all that the run's scripts have printed so far, in the order in which they ended."""
        return "".join(event.output for event in self.history())

    def history(self) -> tuple[Event, ...]:
        """Return the events so far, oldest first. Raises RunNotFound."""
        events = read_record(self._services.store, self.id)
        if not events:
            self.state()
        return events

    def follow(self, poll: float = 0.1) -> Iterator[Event]:
        """Yield the events as they happen, until the run is not `running`. `poll` is in seconds."""
        seen = 0
        while True:
            done = self.status() != "running"
            events = self.history()
            yield from events[seen:]
            seen = len(events)
            if done:
                return
            wait_done(self._services.store, self.id, poll)

    def open_items(self) -> tuple[OpenItem, ...]:
        """Return the items that are not done: waiting, begun, put off or held."""
        return read_open_items(self._services.store, self.id)

    def waits(self) -> list[Wait]:
        """Return why each open item waits; first the reasons that a person can remove."""
        items = self.open_items()
        if not items:
            return []
        reasons = {
            event.item: (event.status, event.error or "")
            for event in self.history()
            if event.kind in ("execution", "call")
        }
        return waits(items, reasons, consumed_queues(self._services.store), datetime.now(UTC))

    def stuck(self) -> str | None:
        """Return a reason to wait that only a person can remove, else None.

        Either no worker consumes an item's queue, or the worker lacks its Stripe key or seal key.
        """
        return next((wait.text for wait in self.waits() if wait.needs_a_person), None)

    def open_requests(self) -> Mapping[str, RequestDetails]:
        """Return the requests of the open calls by call_id, at most 100."""
        requests = {}
        for item in [item for item in self.open_items() if item.kind == "call"][:100]:
            payload = read_payload(self._services.store, self.id, item.item)
            if isinstance(payload, CallItem):
                requests[item.item] = request_details(payload.call, payload.other_key)
        return requests

    def result(self, timeout: float | None = None) -> str:
        """Block until the run ends, and return the output if it succeeded.

        Raises RunFailed (with the step, the line and the reason; also for a cancelled run), RunHeld,
        TimeoutError, RunNotFound.
        """
        status = self.wait(timeout)
        if status == "succeeded":
            return self.output()
        wrong = [event for event in self.history() if event.is_wrong]
        last = wrong[-1].error if wrong else None
        text = f"run {self.id!r} is {status}" + (f": {last}" if last else "")
        if status == "held":
            raise RunHeld(f"{text}; see `stripe-flows show {self.id}`")
        raise RunFailed(text)

    def cancel(self) -> int:
        """Cancel the run, and return how many steps were closed.

        A step that has not begun never begins. A step that has begun ends, but nothing follows it; a
        request that was sent is not undone, so a call may still have to be resolved.

        Raises NotOpen (the run has ended), RunNotFound, JournalUnavailable.
        """
        return cancel_run(self._services, self.id)

    def retry(self, item_id: str, *, new_key: bool = False) -> str:
        """Try a held call, or a step that failed the run, again; return the new step's item_id.

        A call is sent again with the same idempotency key, so Stripe returns its saved answer or
        does the call now: it never charges twice. `new_key=True` sends it with a new key: Stripe
        carries it out whatever came of the first one, which can charge a second time. An execution
        runs again with the flows that the worker has now, whatever `new_key` is.

        Raises NotOpen (the step is not held and did not fail the run, it was retried already, or
        the run was cancelled), RunNotFound, JournalUnavailable.
        """
        return retry(self._services, self.id, item_id, "new_key" if new_key else "same")

    def resolve(
        self,
        call_id: str,
        *,
        response: str | None = None,
        error: bool = False,
        accept_uncompared: bool = False,
    ) -> str | None:
        """State what came of a held call: `response="pi_…"` or `error=True`.

        `response` is the id of the object that the call made or changed. A worker retrieves it from
        Stripe and compares it with the call's request: amount, currency, customer and the other
        parameters, the time of creation, test or live mode, the account, and whether another call
        made it. If it fits, the response flow runs; if not, the call stays held, and an event of
        status `refused` has the reason. `accept_uncompared` accepts what cannot be compared.
        `error=True` states that nothing came of the call: its error flow runs, or the run fails.

        Return the item_id of the step that follows: the retrieval, or the error flow's execution
        (None if there is none). Never waits; see `wait`.

        Raises InputError (not exactly one of the two, the object cannot be the call's, or something
        cannot be compared and is not accepted; the call stays held), NotOpen (the call is not held,
        or is being compared), RunNotFound, JournalUnavailable.
        """
        if (response is None) != error:
            raise InputError(
                "resolve needs either response= with the id of an object or error=True"
            )
        if response is None:
            return resolve_as_error(self._services, self.id, call_id)
        doubts = doubts_about(self._services, self.id, call_id, response)
        if doubts and not accept_uncompared:
            raise InputError(
                f"cannot be compared: {listed(doubts)}; accept_uncompared=True accepts it; "
                "the call stays held"
            )
        return resolve_as_response(
            self._services, self.id, call_id, response, accepts_all=accept_uncompared
        )

    def _still_running(self, timeout: float) -> str:
        items = self.open_items()
        steps = ", ".join(f"{item.name} ({item.state})" for item in items[:5])
        why = self.stuck()
        return f"run {self.id!r} still runs after {timeout:g} s: {steps or 'nothing is open'}" + (
            f"; {why}" if why else ""
        )
