"""Warnings that an operator has to look at: a run failed, a call is held, a step is stuck.

Each is written once a run, not for each attempt, step or worker: the journal remembers which were
written.
"""

from __future__ import annotations

import logging
from typing import Final

from stripe_flows.engine.errors import JournalError
from stripe_flows.tasks.journal.alert import AlertKind, is_news
from stripe_flows.tasks.journal.begin import Begun, Unreadable
from stripe_flows.tasks.journal.store import Store

from .item import CallItem, ExecutionItem, ItemKind
from .log import LoggedStep, log_step

log = logging.getLogger("stripe_flows.runs")

_ACTIONS: Final[dict[AlertKind, str]] = {
    "failed": "run_failed",
    "held": "call_held",
    "stuck": "step_stuck",
}
_TEXTS: Final[dict[AlertKind, str]] = {
    "failed": "run {run_id} failed: {reason}",
    "held": "a call of run {run_id} is held, its outcome is not known: {reason}",
    "stuck": "run {run_id} is stuck: {reason}",
}


def warn_failed(store: Store, begun: Begun[ExecutionItem] | Begun[CallItem], reason: str) -> None:
    """Warn that this step made its run fail. `reason` goes to logs: see `public_reason`."""
    _warn(store, "failed", step_of(begun), begun.run_id, reason)


def warn_held(store: Store, begun: Begun[CallItem], reason: str) -> None:
    """Warn that this call now counts as held. `reason` goes to logs: see `Answer.reason`."""
    _warn(store, "held", step_of(begun), begun.run_id, reason)


def warn_stuck(
    store: Store,
    lease: Unreadable | Begun[ExecutionItem] | Begun[CallItem],
    kind: ItemKind,
    reason: str,
    name: str | None,
) -> None:
    """Warn that this step waits for a person's help. `name` is its flow or operation."""
    if isinstance(lease, Begun):
        step = step_of(lease)
    else:
        step = LoggedStep(
            run_id=lease.run_id,
            context_id=None,
            flow=name if kind == "execution" else None,
            operation=name if kind == "call" else None,
            item=lease.item_id,
            attempt=lease.attempt,
        )
    _warn(store, "stuck", step, lease.run_id, reason, about=reason)


def step_of(begun: Begun[ExecutionItem] | Begun[CallItem]) -> LoggedStep:
    """Return the step that a worker holds, as a log line names it."""
    payload = begun.payload
    if isinstance(payload, CallItem):
        context_id, flow, operation = payload.call.context_id, None, payload.call.operation
    else:
        context_id, flow, operation = payload.context_id, payload.flow, None
    return LoggedStep(begun.run_id, context_id, flow, operation, begun.item_id, begun.attempt)


def _warn(
    store: Store, kind: AlertKind, step: LoggedStep, run_id: str, reason: str, *, about: str = ""
) -> None:
    try:
        news = is_news(store, run_id, kind, about)
    except JournalError:
        news = True  # the step is committed: better warn twice than never
    if news:
        text = _TEXTS[kind].format(run_id=run_id, reason=reason)
        see = f"{text}; see stripe-flows show {run_id}"
        log_step(log, logging.WARNING, _ACTIONS[kind], see, step)
