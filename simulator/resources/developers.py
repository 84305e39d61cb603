"""What a developer's program is given a secret with: webhook endpoints, ephemeral keys."""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.ids import new_id
from stripe_flows.simulator.values import Fields
from stripe_flows.simulator.world import Handlers, World

_KEY_SECONDS = 3600


def create_endpoint(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """A webhook endpoint; its secret is told this once."""
    made = world.new("webhook_endpoint")
    world.apply(made, params)
    world.put(made)
    return made | {"secret": new_id("whsec_", 32)}


def create_key(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """An ephemeral key; nobody can ask for it again."""
    made = world.new("ephemeral_key")
    made |= {"expires": made["created"] + _KEY_SECONDS, "secret": new_id("ek_test_", 60)}
    return world.put(made)


HANDLERS: Handlers = MappingProxyType(
    {"POST /v1/ephemeral_keys": create_key, "POST /v1/webhook_endpoints": create_endpoint}
)
