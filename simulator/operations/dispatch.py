"""Carry out an operation: by the handler of its endpoint, or by the generic verbs.

A module of a resource holds only what the resource does beyond the generic verbs. Its `HANDLERS`
name the endpoints. Every module in the folders of `_AREAS` is searched for them.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import MappingProxyType

import stripe_flows.simulator as simulator
from stripe_flows.engine.stripe.catalog import Operation
from stripe_flows.simulator.objects.world import Handler, Handlers, World
from stripe_flows.simulator.reactions import react
from stripe_flows.simulator.types import Fields

from .endpoints import endpoint
from .generic import carry_out_generically
from .references import check_references

_AREAS = ("balance", "billing", "checkout", "clocks", "connect", "developers", "payments")


def carry_out(operation: Operation, world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """Return the object that answers the request; its writes are staged in the store.

    Raises `Problem`.
    """
    check_references(world, operation, params)
    handler = HANDLERS.get(f"{operation.method} {operation.path}")
    if handler is not None:
        answer = handler(world, params, ids)
        if operation.method != "GET":
            react(world)
        return answer
    about = endpoint(operation.method, operation.path)
    return carry_out_generically(about, operation.path, world, params, ids)


def _find_handlers() -> Iterator[tuple[str, Handler]]:
    for area in _AREAS:
        package = import_module(f"{simulator.__name__}.{area}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            module = import_module(found.name)
            yield from getattr(module, "HANDLERS", {}).items()


HANDLERS: Handlers = MappingProxyType(dict(_find_handlers()))
"""The handlers of all resources, by endpoint."""
