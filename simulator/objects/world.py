"""The objects, events and time of each simulated account.

A request names a connected account by `Stripe-Account` (Stripe's document "Making API calls for
connected accounts"). An account that was not created here is accepted, because flows start with
accounts that already exist.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from stripe_flows.simulator.problems import account_invalid, resource_missing
from stripe_flows.simulator.types import Fields

from .events import Events, RequestCause, event_name
from .object_types import ObjectType, object_type
from .state import State
from .store import ObjectStore


@dataclass
class World:
    """One simulated account. `now` gives seconds since 1970; `platform`: the account that a
    connected one belongs to, None for the platform itself; `cause`: the request that is executed;
    `connected`: the world of an account that is connected to this one."""

    store: ObjectStore
    events: Events
    now: Callable[[], float]
    account_id: str = "acct_1SimulatedStripe00"
    platform: World | None = None
    cause: RequestCause = field(default_factory=RequestCause)
    connected: Callable[[str], World] | None = None

    def new(self, resource: str) -> Fields:
        """A fresh object; it is kept once it is `put`."""
        return object_type(resource).new(int(self.now()))

    def put(self, value: Fields, *, under: str | None = None) -> Fields:
        """Keep a new or changed object. `under`: the id of what it belongs to, where it has no
        field that says so."""
        resource: str = value["object"]
        shelf = resource if under is None else f"{resource}@{under}"
        if self.store.body(shelf, value["id"]) is None and not self.store.is_staged(
            shelf, value["id"]
        ):
            self.events.record(f"{event_name(resource)}.created", shelf, value["id"])
        self.store.put(shelf, value)
        return value

    def emit(self, what: str, value: Fields) -> None:
        """An event beyond created, updated and deleted: `emit("invoice.paid", invoice)`."""
        self.events.record(what, value["object"], value["id"])

    def object_type(self, resource: str) -> ObjectType:
        return object_type(resource)

    def apply(self, target: Fields, params: Fields) -> None:
        """Set those fields that the parameters name."""
        object_type(target["object"]).apply(target, params, self.store.get)

    def named_by_path(self, resource: str, key: str, param: str = "id") -> Fields:
        """The object that the path names. Raises `Problem` (404)."""
        found = self.store.get(resource, key)
        if found is None:
            raise resource_missing(object_type(resource).noun, key, param=param, in_path=True)
        return found

    def referred(self, resource: str, key: str, param: str) -> Fields:
        """The object that a parameter names. Raises `Problem` (400); a deleted one is not there."""
        found = self.store.get(resource, key)
        if found is None or found.get("deleted"):
            raise resource_missing(object_type(resource).noun, key, param=param)
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


class Worlds:
    """Worlds by account. `now` gives seconds since 1970."""

    def __init__(self, state: State, now: Callable[[], float], api_version: str) -> None:
        self._state = state
        self._now = now
        self._api_version = api_version
        self._connected: dict[str, World] = {}
        self.platform = World(ObjectStore(state), Events(state, api_version), now)
        self.platform.connected = self._known
        for resource, key, body in state.objects():
            account, _, resource = resource.rpartition(":")
            self._known(account or None).store.load(resource, key, body)
        for row in state.events():
            self._known(row[-1]).events.load(row)

    def of(self, account: str | None) -> World:
        """The world of a connected account, None for the platform. Raises `Problem` (403)."""
        if account is not None and not account.startswith("acct_"):
            raise account_invalid(account)
        return self._known(account)

    def _known(self, account: str | None) -> World:
        if account in (None, self.platform.account_id):
            return self.platform
        found = self._connected.get(account)
        if found is None:
            found = self._connected[account] = World(
                ObjectStore(self._state, f"{account}:"),
                Events(self._state, self._api_version, account),
                self._now,
                account,
                self.platform,
            )
        return found

    def commit(self) -> None:
        for world in (self.platform, *self._connected.values()):
            world.commit()

    def drop(self) -> None:
        for world in (self.platform, *self._connected.values()):
            world.drop()

    def counts(self) -> dict[str, int]:
        """How many objects there are, by resource, in all accounts."""
        counts = Counter(self.platform.store.counts())
        for world in self._connected.values():
            counts.update(world.store.counts())
        return dict(counts)

    def clear(self) -> None:
        self._connected.clear()
        self.platform.store.clear()
        self.platform.events.clear()


Handler: TypeAlias = Callable[[World, Fields, tuple[str, ...]], Fields]
"""World, typed parameters, the path's ids → the object that is answered."""

Handlers: TypeAlias = Mapping[str, Handler]
"""Handlers by their endpoint: `POST /v1/charges/{charge}/capture`."""
