"""What the operations act on: an account's objects, its events, the clock, and common questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from stripe_flows.simulator.events import Cause, Events, event_name
from stripe_flows.simulator.kinds import Kind, kind
from stripe_flows.simulator.problems import resource_missing
from stripe_flows.simulator.store import Store
from stripe_flows.simulator.values import Fields


@dataclass
class World:
    """One simulated account. `now` gives seconds since 1970; `platform`: the account that a
    connected one belongs to, None for the platform itself; `cause`: the request that is executed;
    `connected`: the world of an account that is connected to this one."""

    store: Store
    events: Events
    now: Callable[[], float]
    account_id: str = "acct_1SimulatedStripe00"
    platform: World | None = None
    cause: Cause = field(default_factory=Cause)
    connected: Callable[[str], World] | None = None

    def new(self, resource: str) -> Fields:
        """A fresh object; it is kept once it is `put`."""
        return kind(resource).new(int(self.now()))

    def put(self, value: Fields, *, under: str | None = None) -> Fields:
        """Keep a new or changed object. `under`: the id of what it belongs to, where it has no
        field that says so."""
        resource: str = value["object"]
        shelf = resource if under is None else f"{resource}@{under}"
        if self.store.body(shelf, value["id"]) is None and not self.store.is_staged(
            shelf, value["id"]
        ):
            self.events.tell(f"{event_name(resource)}.created", shelf, value["id"])
        self.store.put(shelf, value)
        return value

    def emit(self, what: str, value: Fields) -> None:
        """An event beyond created, updated and deleted: `emit("invoice.paid", invoice)`."""
        self.events.tell(what, value["object"], value["id"])

    def kind(self, resource: str) -> Kind:
        return kind(resource)

    def apply(self, target: Fields, params: Fields) -> None:
        """Set those fields that the parameters name."""
        kind(target["object"]).apply(target, params, self.store.get)

    def named_by_path(self, resource: str, key: str, param: str = "id") -> Fields:
        """The object that the path names. Raises `Problem` (404)."""
        found = self.store.get(resource, key)
        if found is None:
            raise resource_missing(kind(resource).noun, key, param=param, in_path=True)
        return found

    def referred(self, resource: str, key: str, param: str) -> Fields:
        """The object that a parameter names. Raises `Problem` (400); a deleted one is not there."""
        found = self.store.get(resource, key)
        if found is None or found.get("deleted"):
            raise resource_missing(kind(resource).noun, key, param=param)
        return found

    def all(self, resource: str, **wanted: object) -> list[Fields]:
        """What is kept of a resource with these fields, staged ones included, oldest first."""
        return [
            found
            for found in self.store.all(resource)
            if all(found.get(name) == value for name, value in wanted.items())
        ]

    def time_of(self, holder: Fields | None) -> int:
        """What time it is for a customer, or for what belongs to one: that of its test clock."""
        clock = holder and holder.get("test_clock")
        found = self.store.get("test_helpers.test_clock", clock) if clock else None
        return int(self.now()) if found is None else int(found["frozen_time"])

    def commit(self) -> None:
        changes = self.store.commit()
        self.events.commit(changes, self.store.body, int(self.now()), self.cause)

    def drop(self) -> None:
        self.store.drop()
        self.events.drop()


Handler: TypeAlias = Callable[[World, Fields, tuple[str, ...]], Fields]
"""World, typed parameters, the path's ids → the object that is answered."""

Handlers: TypeAlias = Mapping[str, Handler]
"""Handlers by their endpoint: `POST /v1/charges/{charge}/capture`."""
