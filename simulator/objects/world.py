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
    """One simulated account.

    `now` returns seconds since 1970. `platform`: the account that a connected account belongs to,
    None for the platform itself. `cause`: the request that is being executed. `connected` returns
    the world of a connected account.
    """

    store: ObjectStore
    events: Events
    now: Callable[[], float]
    account_id: str = "acct_1SimulatedStripe00"
    platform: World | None = None
    cause: RequestCause = field(default_factory=RequestCause)
    connected: Callable[[str], World] | None = None

    def new(self, resource: str) -> Fields:
        """Return a new object. `put` stores it."""
        return object_type(resource).new(int(self.now()))

    def put(self, value: Fields, *, under: str | None = None) -> Fields:
        """Store a new or changed object. `under`: id of its owner, if no field names the owner."""
        resource: str = value["object"]
        shelf = resource if under is None else f"{resource}@{under}"
        if self.store.body(shelf, value["id"]) is None and not self.store.is_staged(
            shelf, value["id"]
        ):
            self.events.record(f"{event_name(resource)}.created", shelf, value["id"])
        self.store.put(shelf, value)
        return value

    def emit(self, what: str, value: Fields) -> None:
        """Record an event other than created, updated and deleted: `emit("invoice.paid", invoice)`."""
        self.events.record(what, value["object"], value["id"])

    def object_type(self, resource: str) -> ObjectType:
        return object_type(resource)

    def apply(self, target: Fields, params: Fields) -> None:
        """Set the fields that the parameters name."""
        object_type(target["object"]).apply(target, params, self.store.get)

    def named_by_path(self, resource: str, object_id: str, param: str = "id") -> Fields:
        """Return the object that the path names. Raise `Problem` (404)."""
        found = self.store.get(resource, object_id)
        if found is None:
            raise resource_missing(object_type(resource).noun, object_id, param=param, in_path=True)
        return found

    def referred(self, resource: str, object_id: str, param: str) -> Fields:
        """Return the object that a parameter names.

        Raise `Problem` (400), for a deleted one as well.
        """
        found = self.store.get(resource, object_id)
        if found is None or found.get("deleted"):
            raise resource_missing(object_type(resource).noun, object_id, param=param)
        return found

    def all(self, resource: str, **wanted: object) -> list[Fields]:
        """Return the objects with these fields, staged ones included, oldest first."""
        return [
            found
            for found in self.store.all(resource)
            if all(found.get(name) == value for name, value in wanted.items())
        ]

    def time_of(self, holder: Fields | None) -> int:
        """Return the time for a customer, or for an object of one: that of its test clock, else
        now.
        """
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
    """Worlds by account. `now` returns seconds since 1970."""

    def __init__(self, state: State, now: Callable[[], float], api_version: str) -> None:
        self._state = state
        self._now = now
        self._api_version = api_version
        self._connected: dict[str, World] = {}
        self.platform = World(ObjectStore(state), Events(state, api_version), now)
        self.platform.connected = self._known
        for resource, object_id, body in state.objects():
            account, _, resource = resource.rpartition(":")
            self._known(account or None).store.load(resource, object_id, body)
        for row in state.events():
            self._known(row[-1]).events.load(row)

    def of(self, account: str | None) -> World:
        """Return the world of a connected account, or of the platform for None.

        Raise `Problem` (403).
        """
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
        """Return the number of objects by resource, in all accounts."""
        counts = Counter(self.platform.store.counts())
        for world in self._connected.values():
            counts.update(world.store.counts())
        return dict(counts)

    def clear(self) -> None:
        self._connected.clear()
        self.platform.store.clear()
        self.platform.events.clear()


Handler: TypeAlias = Callable[[World, Fields, tuple[str, ...]], Fields]
"""World, typed parameters, ids of the path → the object that is answered."""

Handlers: TypeAlias = Mapping[str, Handler]
"""Handlers by their endpoint: `POST /v1/charges/{charge}/capture`."""
