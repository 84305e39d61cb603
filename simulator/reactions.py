"""Reactions to events: a paid payment intent pays its invoice, a paid invoice its subscription.

They are apart from the resources because a payment does not know what it pays for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from stripe_flows.simulator.billing.subscriptions import pending_updates
from stripe_flows.simulator.billing.subscriptions.payment_results import (
    activate_by_invoice,
    fail_by_payment,
    settle_by_payment,
)
from stripe_flows.simulator.billing.subscriptions.trials import keep_method
from stripe_flows.simulator.checkout import sessions
from stripe_flows.simulator.objects.world import World

from .types import Fields

_REACTIONS: Mapping[str, tuple[Callable[[World, Fields], None], ...]] = MappingProxyType(
    {
        "payment_intent.succeeded": (settle_by_payment, sessions.settle_by_payment),
        "payment_intent.payment_failed": (fail_by_payment, sessions.fail_by_payment),
        "invoice.paid": (activate_by_invoice, pending_updates.apply),
        "invoice.voided": (pending_updates.drop,),
        "setup_intent.succeeded": (keep_method,),
    }
)


def react(world: World) -> None:
    """React to the events of this request, and to the events that the reactions record."""
    seen = 0
    while seen < len(events := world.events.recorded()):
        event_type, resource, object_id = events[seen]
        seen += 1
        for reaction in _REACTIONS.get(event_type, ()):
            found = world.store.get(resource, object_id)
            if found is not None:
                reaction(world, found)
