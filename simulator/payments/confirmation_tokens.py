"""Confirmation tokens: a payment method for a later intent.

A test helper creates them here, because they normally come from Stripe's page.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.periods import DAY
from stripe_flows.simulator.types import Fields

from . import payment_methods
from .intents import TOKEN
from .payment_methods import payment_method


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    made = world.new("confirmation_token")
    world.apply(made, params)
    made["expires_at"] = made["created"] + DAY // 2
    if params.get("payment_method") is not None:
        method = payment_method(world, params["payment_method"], "payment_method")
    elif params.get("payment_method_data") is not None:
        method = payment_methods.create(world, params["payment_method_data"], ())
    else:
        return world.put(made)
    kind = method["type"]
    preview = {name: method[name] for name in ("allow_redisplay", "billing_details", "customer")}
    made["payment_method_preview"] = preview | {"type": kind, kind: method[kind]}
    world.store.put(TOKEN, {"id": made["id"], "payment_method": method["id"]})
    return world.put(made)


HANDLERS: Handlers = MappingProxyType({"POST /v1/test_helpers/confirmation_tokens": create})
