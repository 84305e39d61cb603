"""Finish what is pending: a debit, a refund, a payout, a test clock that advances."""

from __future__ import annotations

from stripe_flows.simulator.balance import payouts
from stripe_flows.simulator.clocks import advancing
from stripe_flows.simulator.objects import timers
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.payments import payment_intents, refunds

from .reactions import react
from .types import Fields


def settle(world: World, object_id: str, *, success: bool | None = None) -> Fields:
    """Finish a pending object now. `success`: None applies the rule of its test card or account.

    Raises `Problem` if the object is not pending.
    """
    finishers = {
        "refund": refunds.finish,
        "payout": payouts.finish,
        "test_helpers.test_clock": advancing.finish,
    }
    resource = next((name for name in finishers if world.store.get(name, object_id)), None)
    finish = payment_intents.arrive if resource is None else finishers[resource]
    found = finish(world, object_id, success=success)
    react(world)
    return found


def settle_due(world: World) -> bool:
    """Finish every object whose timer has expired. Return whether there was one."""
    object_ids = timers.due(world)
    for object_id in object_ids:
        settle(world, object_id)
    return bool(object_ids)
