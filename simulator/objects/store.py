"""The objects of one simulated account, stored as the JSON that is answered.

They are bytes because most requests ask for a stored object as it is: a create's saved answer and
the object share one string. The writes of a request are staged, then committed or dropped as a
whole.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from stripe_flows.simulator.types import Fields

from .state import State

_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False)
"""Created once, because `json.dumps` creates an encoder for each call without its defaults."""


def encode(value: Fields) -> bytes:
    return _ENCODER.encode(value).encode()


def copied(value: Any) -> Any:
    """Return a deep copy of the JSON."""
    if isinstance(value, dict):
        return {name: copied(member) if member.__class__ in _DEEP else member
                for name, member in value.items()}  # fmt: skip
    return [copied(member) if member.__class__ in _DEEP else member for member in value]


_DEEP = frozenset({dict, list})


_FEW = 16
"""Number of empty places below which they are not removed."""


class Change(NamedTuple):
    """The change of one object by a request: its JSON before and after, None where it does not
    exist.
    """

    resource: str
    object_id: str
    before: bytes | None
    after: bytes | None


@dataclass
class _Shelf:
    """The objects of one resource, oldest first. `order` keeps the places of deleted ones."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def forget(self, object_id: str, *, whole: bool) -> None:
        """Remove an object. `whole`: remove its place as well, which no page starts from.

        Empty places are removed when most of the places are empty.
        """
        del self.bodies[object_id]
        if whole and len(self.order) > 2 * len(self.bodies) + _FEW:
            self.order = list(self.bodies)
            self.places = {name: place for place, name in enumerate(self.order)}


class ObjectStore:
    """Objects by resource and id. `scope` is a prefix of the resource in the state."""

    def __init__(self, state: State, scope: str = "") -> None:
        self._state = state
        self._scope = scope
        self._shelves: dict[str, _Shelf] = {}
        self._staged: dict[tuple[str, str], Fields | None] = {}

    def load(self, resource: str, object_id: str, body: bytes) -> None:
        """Add an object from the state."""
        self._place(resource, object_id, body)

    def get(self, resource: str, object_id: str) -> Fields | None:
        """Return a copy of the object, or None."""
        if (resource, object_id) in self._staged:
            staged = self._staged[resource, object_id]
            return None if staged is None else cast("Fields", copied(staged))
        body = self.body(resource, object_id)
        return None if body is None else cast("Fields", json.loads(body))

    def body(self, resource: str, object_id: str) -> bytes | None:
        """Return the committed object's JSON, or None."""
        shelf = self._shelves.get(resource)
        return None if shelf is None else shelf.bodies.get(object_id)

    def find(self, object_id: str) -> Fields | None:
        """Return the object with this id, of any resource."""
        # A staged object hides the committed one.
        for resource, staged in self._staged:
            if staged == object_id:
                return self.get(resource, object_id)
        for resource, shelf in self._shelves.items():
            if object_id in shelf.bodies:
                return self.get(resource, object_id)
        return None

    def put(self, resource: str, value: Fields) -> None:
        """Stage a new or changed object under its `id`."""
        self._staged[resource, value["id"]] = value

    def remove(self, resource: str, object_id: str) -> None:
        self._staged[resource, object_id] = None

    def is_staged(self, resource: str, object_id: str) -> bool:
        return (resource, object_id) in self._staged

    def commit(self) -> list[Change]:
        """Commit the staged writes. Return the changes, in the order of the first write."""
        changes = []
        for (resource, object_id), value in self._staged.items():
            before = self.body(resource, object_id)
            if value is None:
                if before is not None:
                    self._shelves[resource].forget(object_id, whole=resource.startswith("_"))
                    self._state.remove_object(self._scope + resource, object_id)
                    changes.append(Change(resource, object_id, before, None))
                continue
            body = encode(value)
            if body != before:
                self._place(resource, object_id, body)
                self._state.put_object(self._scope + resource, object_id, body)
                changes.append(Change(resource, object_id, before, body))
        self._staged.clear()
        return changes

    def drop(self) -> None:
        self._staged.clear()

    def clear(self) -> None:
        self._shelves.clear()
        self._staged.clear()

    def newest_first(self, resource: str, older_than: str | None = None) -> Iterator[Fields]:
        """Return committed objects, newest first, starting after the object `older_than`."""
        shelf = self._shelves.get(resource, _Shelf())
        end = len(shelf.order) if older_than is None else shelf.places[older_than]
        return _loaded(shelf, (shelf.order[place] for place in range(end - 1, -1, -1)))

    def oldest_first(self, resource: str, newer_than: str | None = None) -> Iterator[Fields]:
        """Return committed objects, oldest first, starting after the object `newer_than`."""
        shelf = self._shelves.get(resource, _Shelf())
        start = 0 if newer_than is None else shelf.places[newer_than] + 1
        return _loaded(shelf, (shelf.order[place] for place in range(start, len(shelf.order))))

    def all(self, resource: str) -> Iterator[Fields]:
        """Return every object of a resource, staged ones included, oldest first."""
        shelf = self._shelves.get(resource, _Shelf())
        staged = [
            object_id
            for name, object_id in self._staged
            if name == resource and object_id not in shelf.bodies
        ]
        for object_id in (*shelf.order, *staged):
            if object_id in shelf.bodies or (resource, object_id) in self._staged:
                found = self.get(resource, object_id)
                if found is not None:
                    yield found

    def counts(self) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for shelf, held in self._shelves.items():
            if not shelf.startswith("_"):
                counts[shelf.partition("@")[0]] += len(held.bodies)
        return dict(counts)

    def _place(self, resource: str, object_id: str, body: bytes) -> None:
        shelf = self._shelves.setdefault(resource, _Shelf())
        if object_id not in shelf.places:
            shelf.places[object_id] = len(shelf.order)
            shelf.order.append(object_id)
        shelf.bodies[object_id] = body


def _loaded(shelf: _Shelf, keys: Iterable[str]) -> Iterator[Fields]:
    for object_id in keys:
        body = shelf.bodies.get(object_id)
        if body is not None:
            yield json.loads(body)
