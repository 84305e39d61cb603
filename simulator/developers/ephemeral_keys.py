"""Ephemeral keys: their secret is returned once, when they are created."""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.objects.ids import new_id
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.types import Fields

_KEY_SECONDS = 3600


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    made = world.new("ephemeral_key")
    made |= {"expires": made["created"] + _KEY_SECONDS, "secret": new_id("ek_test_", 60)}
    return world.put(made)


HANDLERS: Handlers = MappingProxyType({"POST /v1/ephemeral_keys": create})
