"""Put off a step whose hint was revoked, by Celery's `revoke` or Flower's buttons, before it began.

Celery discards a revoked task id at every delivery. A hint that was published again under the same id
would never run, so the step goes on as the next attempt, with an id of its own. Only
`stripe-flows cancel` ends a run.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from stripe_flows.tasks.events import NewEvent
from stripe_flows.tasks.hint import RUN_FLOW, is_hint, operation_of
from stripe_flows.tasks.item import ItemKind
from stripe_flows.tasks.journal.revoke import revoke
from stripe_flows.tasks.journal.store import Store
from stripe_flows.tasks.log import LoggedStep, log_step, named

log = logging.getLogger("stripe_flows.revoked")

DELAY_MS = 5000
"""The delay of the step, in milliseconds: long enough to cancel the run if that was meant."""


@dataclass(frozen=True)
class Revoked:
    """A hint that was revoked."""

    run_id: str
    item_id: str
    attempt: int
    kind: ItemKind
    name: str
    """The flow of an execution, the operation of a call."""
    worker: str
    """The worker that discarded it."""
    context_id: str | None = None

    @property
    def step(self) -> LoggedStep:
        """The step as a log line names it."""
        return LoggedStep(
            run_id=self.run_id,
            context_id=self.context_id,
            flow=self.name if self.kind == "execution" else None,
            operation=self.name if self.kind == "call" else None,
            item=self.item_id,
            attempt=self.attempt,
        )


def revoked_hint(
    task: str, task_id: str | None, kwargs: Mapping[str, object], worker: str | None
) -> Revoked | None:
    """Return the hint of a task; None if its id is not that of a hint of ours."""
    item_id, _, attempt = (task_id or "").rpartition(".")
    if not is_hint(task) or item_id != kwargs.get("item") or not attempt.isdecimal():
        return None
    flow = task == RUN_FLOW
    return Revoked(
        run_id=str(kwargs["run"]),
        item_id=item_id,
        attempt=int(attempt),
        kind="execution" if flow else "call",
        name=str(kwargs.get("flow")) if flow else operation_of(task),
        worker=worker or "",
        context_id=named(kwargs.get("context_id")),
    )


def put_off(store: Store, hint: Revoked) -> bool:
    """Put the step off, and log it. Return False if the attempt is no longer the next one.

    Raises JournalUnavailable.
    """
    event = NewEvent(
        kind=hint.kind,
        status="put_off",
        item=hint.item_id,
        flow=hint.name if hint.kind == "execution" else None,
        operation=hint.name if hint.kind == "call" else None,
        attempt=hint.attempt,
        error=(
            f"the attempt was revoked in Celery before it began ({hint.worker} discarded it); the "
            f"next one begins in {DELAY_MS // 1000} s. To end the run, cancel it"
        ),
    )
    done = revoke(store, hint.run_id, event, name=hint.name, delay_ms=DELAY_MS)
    if done:
        text = (
            f"{hint.name} of run {hint.run_id}: the attempt was revoked before it began; the next one "
            f"begins in {DELAY_MS // 1000} s. `stripe-flows cancel {hint.run_id}` ends the run"
        )
        log_step(log, logging.WARNING, "revoked", text, hint.step)
    return done
