"""A run, as the Python API gives it: its status, what it printed, what happened."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from stripe_flows.engine.details import RequestDetails, request_details
from stripe_flows.engine.errors import RunFailed, RunHeld, RunNotFound
from stripe_flows.tasks.events import Event
from stripe_flows.tasks.item import CallItem
from stripe_flows.tasks.journal.read import (
    OpenItem,
    RunState,
    Status,
    read_open_items,
    read_payload,
    read_run,
    wait_done,
)
from stripe_flows.tasks.journal.record import read_record
from stripe_flows.tasks.journal.workers import consumed_queues
from stripe_flows.tasks.services import Services

from .waiting import Wait, waits


class Run:
    """All that follows from one start. Holds nothing but its id: each question asks the journal."""

    def __init__(self, run_id: str, services: Services) -> None:
        self.id = run_id
        self._services = services

    def __repr__(self) -> str:
        return f"Run({self.id!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def status(self) -> Status:
        """`running`, `held`, `cancelled`, `failed` or `succeeded`. Raises RunNotFound.

        `running` while any step is neither done nor held; `held` while a call's outcome is unknown
        and nothing else runs; `failed` once a step failed that nothing handled.
        """
        return self.state().status

    def state(self) -> RunState:
        """How the run stands, with what it was started as. Raises RunNotFound."""
        return read_run(self._services.store, self.id)

    def exists(self) -> bool:
        """Whether the run is (still) there."""
        try:
            self.state()
        except RunNotFound:
            return False
        return True

    def wait(self, timeout: float | None = None) -> Status:
        """Waits until nothing of the run runs, also at `held`; gives the status.

        `timeout` in seconds, None for ever. Raises TimeoutError, which says where the run stands;
        RunNotFound.
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
        """All that the run's scripts have printed so far, in the order in which they ended."""
        return "".join(event.output for event in self.history())

    def history(self) -> tuple[Event, ...]:
        """What has happened, oldest first: a frozen record an event. Raises RunNotFound."""
        events = read_record(self._services.store, self.id)
        if not events:
            self.state()
        return events

    def follow(self, poll: float = 0.1) -> Iterator[Event]:
        """The events as they happen, until nothing of the run runs. `poll` in seconds."""
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
        """The steps that are not done."""
        return read_open_items(self._services.store, self.id)

    def waits(self) -> list[Wait]:
        """Why the open steps wait, what matters most first."""
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
        """Why the run waits, where there is a reason that a person can remove; else None.

        No worker consumes a step's queue, or the worker lacks the Stripe key or the seal key for it.
        """
        return next((wait.text for wait in self.waits() if wait.needs_a_person), None)

    def open_requests(self) -> Mapping[str, RequestDetails]:
        """What the open calls ask, by call; of 100 at most."""
        asked = {}
        for item in [item for item in self.open_items() if item.kind == "call"][:100]:
            payload = read_payload(self._services.store, self.id, item.item)
            if isinstance(payload, CallItem):
                asked[item.item] = request_details(payload.call, payload.other_key)
        return asked

    def result(self, timeout: float | None = None) -> str:
        """Waits for the end; gives the output of a run that succeeded.

        Raises RunFailed (which says which step, where and why; also for a cancelled run), RunHeld,
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

    def _still_running(self, timeout: float) -> str:
        items = self.open_items()
        steps = ", ".join(f"{item.name} ({item.state})" for item in items[:5])
        why = self.stuck()
        return f"run {self.id!r} still runs after {timeout:g} s: {steps or 'nothing is open'}" + (
            f"; {why}" if why else ""
        )
