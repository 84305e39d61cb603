"""What the operations act on: the store, the clock, and the common questions to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from stripe_flows.local.simulator.kinds import Kind, kinds
from stripe_flows.local.simulator.problems import resource_missing
from stripe_flows.local.simulator.store import Store
from stripe_flows.local.simulator.values import Fields


@dataclass
class World:
    """The simulated account. `now` gives seconds since 1970."""

    store: Store
    now: Callable[[], float]
    account_id: str = "acct_1SimulatedStripe00"

    def new(self, resource: str) -> Fields:
        """A fresh object; it is kept once it is `put`."""
        return kinds()[resource].new(int(self.now()))

    def put(self, value: Fields) -> Fields:
        self.store.put(value["object"], value)
        return value

    def kind(self, resource: str) -> Kind:
        return kinds()[resource]

    def named_by_path(self, resource: str, key: str, param: str = "id") -> Fields:
        """The object that the path names. Raises `Problem` (404)."""
        found = self.store.get(resource, key)
        if found is None:
            raise resource_missing(kinds()[resource].noun, key, param=param, in_path=True)
        return found

    def referred(self, resource: str, key: str, param: str) -> Fields:
        """The object that a parameter names. Raises `Problem` (400); a deleted one is not there."""
        found = self.store.get(resource, key)
        if found is None or found.get("deleted"):
            raise resource_missing(kinds()[resource].noun, key, param=param)
        return found


Handler: TypeAlias = Callable[[World, Fields, tuple[str, ...]], Fields]
"""World, typed parameters, the path's ids → the object that is answered."""

Handlers: TypeAlias = Mapping[str, Handler]
"""Handlers by the name of their operation."""
