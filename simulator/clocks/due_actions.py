"""Actions that are due for the objects on a test clock, and when.

Source: Stripe's documents "How subscriptions work", "Use trial periods" and "Automate payment
retries". All actions are collected again at each step, because a step can bring another one
forward.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from stripe_flows.simulator.billing.subscriptions import schedules
from stripe_flows.simulator.billing.subscriptions.billing import renew
from stripe_flows.simulator.billing.subscriptions.cancellation import (
    INCOMPLETE_SECONDS,
    end,
    expire,
)
from stripe_flows.simulator.billing.subscriptions.dunning import is_overdue, let_be_overdue, retry
from stripe_flows.simulator.billing.subscriptions.pending_updates import expire as expire_update
from stripe_flows.simulator.billing.subscriptions.renewal_notices import (
    announce_renewal,
    renewal_notice,
)
from stripe_flows.simulator.billing.subscriptions.trials import announce, announcement, end_trial
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.types import Fields

_LIVING = ("active", "trialing", "past_due", "unpaid")


class DueAction(NamedTuple):
    """An action on an object that is due at a moment (seconds since 1970)."""

    moment: int
    act: Callable[[World, Fields], object]
    subject: Fields


def next_due(world: World, clock: str) -> DueAction | None:
    """Return the first action that is due: at the same moment payments, then phases, then periods."""
    actions = [
        *_of_invoices(world, clock),
        *_of_schedules(world, clock),
        *_of_subscriptions(world, clock),
    ]
    return min(actions, key=lambda due: due.moment, default=None)


def _of_invoices(world: World, clock: str) -> Iterator[DueAction]:
    for invoice in world.all("invoice", test_clock=clock, status="open"):
        if invoice["next_payment_attempt"] is not None:
            yield DueAction(invoice["next_payment_attempt"], retry, invoice)
        if invoice["due_date"] is not None and not is_overdue(world, invoice):
            yield DueAction(invoice["due_date"], let_be_overdue, invoice)


def _of_schedules(world: World, clock: str) -> Iterator[DueAction]:
    for schedule in world.all("subscription_schedule", test_clock=clock):
        if schedule["status"] == "not_started":
            yield DueAction(schedule["phases"][0]["start_date"], schedules.begin, schedule)
        elif schedule["status"] == "active":
            yield DueAction(schedule["current_phase"]["end_date"], schedules.turn, schedule)


def _of_subscriptions(world: World, clock: str) -> Iterator[DueAction]:
    for found in world.all("subscription", test_clock=clock):
        if found["status"] == "incomplete":
            yield DueAction(found["created"] + INCOMPLETE_SECONDS, expire, found)
        if found["status"] not in _LIVING or not found["items"]["data"]:
            continue
        if found["cancel_at"] is not None:
            yield DueAction(found["cancel_at"], _cancel, found)
        if found["pending_update"] is not None:
            yield DueAction(found["pending_update"]["expires_at"], expire_update, found)
        resumes = (found["pause_collection"] or {}).get("resumes_at")
        if resumes is not None:
            yield DueAction(resumes, _resume, found)
        notice = announcement(world, found) if found["status"] == "trialing" else None
        if notice is not None:
            yield DueAction(notice, announce, found)
        renewal = renewal_notice(world, found)
        if renewal is not None:
            yield DueAction(renewal, announce_renewal, found)
        periods = (row["current_period_end"] for row in found["items"]["data"])
        yield DueAction(min(periods), _turn, found)


def _cancel(world: World, subscription: Fields) -> None:
    end(world, subscription, {})


def _resume(world: World, subscription: Fields) -> None:
    world.put(subscription | {"pause_collection": None})


def _turn(world: World, subscription: Fields) -> None:
    """End a period: renew the subscription, or end its trial."""
    if subscription["status"] == "trialing":
        end_trial(world, subscription)
    else:
        renew(world, subscription)
    world.put(subscription)
