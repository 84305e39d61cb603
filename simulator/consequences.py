"""What follows from what a request did, and what happens by itself in between.

A paid payment intent pays its invoice, a paid invoice activates its subscription; a debit clears, a
refund fails. Kept apart from the resources, since a payment does not know what it pays for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from stripe_flows.simulator import later
from stripe_flows.simulator.resources import (
    checkout,
    moving_clocks,
    payment_intents,
    payouts,
    pending_updates,
    refunds,
)
from stripe_flows.simulator.resources.paid_invoices import (
    activate_by_invoice,
    fail_by_payment,
    settle_by_payment,
)
from stripe_flows.simulator.resources.trials import keep_method
from stripe_flows.simulator.values import Fields
from stripe_flows.simulator.world import World

_FOLLOWING: Mapping[str, tuple[Callable[[World, Fields], None], ...]] = MappingProxyType(
    {
        "payment_intent.succeeded": (settle_by_payment, checkout.settle_by_payment),
        "payment_intent.payment_failed": (fail_by_payment, checkout.fail_by_payment),
        "invoice.paid": (activate_by_invoice, pending_updates.apply),
        "invoice.voided": (pending_updates.drop,),
        "setup_intent.succeeded": (keep_method,),
    }
)


def follow(world: World) -> None:
    """Do what follows from the events told of in this request, and from those that come of it."""
    seen = 0
    while seen < len(told := world.events.told()):
        kind, resource, key = told[seen]
        seen += 1
        for act in _FOLLOWING.get(kind, ()):
            found = world.store.get(resource, key)
            if found is not None:
                act(world, found)


def settle(world: World, key: str, *, success: bool | None = None) -> Fields:
    """Let what an object waits for happen now: a debit, a refund, a payout. None: as its test card
    or account says. Raises `Problem` if it waits for nothing."""
    kinds = {
        "refund": refunds.finish,
        "payout": payouts.finish,
        "test_helpers.test_clock": moving_clocks.finish,
    }
    kind = next((name for name in kinds if world.store.get(name, key)), None)
    finish = payment_intents.arrive if kind is None else kinds[kind]
    found = finish(world, key, success=success)
    follow(world)
    return found


def settle_due(world: World) -> bool:
    """Let happen what is due; whether anything did."""
    keys = later.due(world)
    for key in keys:
        settle(world, key)
    return bool(keys)
