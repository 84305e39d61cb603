"""What follows from what a request did: a paid payment intent pays its invoice, a paid invoice
activates its subscription.

Kept apart from the resources, since a payment does not know what it pays for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from stripe_flows.local.simulator.resources.subscription_billing import (
    activate_by_invoice,
    settle_by_payment,
)
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import World

_FOLLOWING: Mapping[str, Callable[[World, Fields], None]] = MappingProxyType(
    {"payment_intent.succeeded": settle_by_payment, "invoice.paid": activate_by_invoice}
)


def follow(world: World) -> None:
    """Do what follows from the events told of in this request, and from those that come of it."""
    seen = 0
    while seen < len(told := world.events.told()):
        kind, resource, key = told[seen]
        seen += 1
        act = _FOLLOWING.get(kind)
        found = act and world.store.get(resource, key)
        if act is not None and found:
            act(world, found)
