"""Webhook endpoints: their secret is returned once, when they are created."""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.objects.ids import new_id
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.types import Fields


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    made = world.new("webhook_endpoint")
    world.apply(made, params)
    world.put(made)
    return made | {"secret": new_id("whsec_", 32)}


HANDLERS: Handlers = MappingProxyType({"POST /v1/webhook_endpoints": create})
