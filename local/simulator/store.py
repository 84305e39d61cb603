"""The simulated account's objects, kept as the JSON that is answered.

Kept as bytes, since most of what is asked for is what was stored: a create's saved answer and the
object share one text. A request's writes are staged and then committed or dropped, whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

from stripe_flows.local.simulator.state import State
from stripe_flows.local.simulator.values import Fields


def encode(value: Fields) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


@dataclass
class _Shelf:
    """The objects of one resource, oldest first; `order` keeps the place of what was deleted."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)


class Store:
    """Objects by resource and id."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._shelves: dict[str, _Shelf] = {}
        self._staged: dict[tuple[str, str], Fields | None] = {}
        for resource, key, body in state.objects():
            self._place(resource, key, body)

    def get(self, resource: str, key: str) -> Fields | None:
        """A copy of the object, or None."""
        if (resource, key) in self._staged:
            staged = self._staged[resource, key]
            return None if staged is None else cast("Fields", json.loads(encode(staged)))
        body = self.body(resource, key)
        return None if body is None else cast("Fields", json.loads(body))

    def body(self, resource: str, key: str) -> bytes | None:
        """The committed object's JSON, or None."""
        shelf = self._shelves.get(resource)
        return None if shelf is None else shelf.bodies.get(key)

    def find(self, key: str) -> Fields | None:
        """The object with this id, of whatever resource."""
        for resource, staged in self._staged:
            if staged == key:
                return self.get(resource, key)
        for resource, shelf in self._shelves.items():
            if key in shelf.bodies:
                return self.get(resource, key)
        return None

    def put(self, resource: str, value: Fields) -> None:
        """Stage a new or changed object under its `id`."""
        self._staged[resource, value["id"]] = value

    def remove(self, resource: str, key: str) -> None:
        self._staged[resource, key] = None

    def commit(self) -> None:
        for (resource, key), value in self._staged.items():
            if value is None:
                self._shelves[resource].bodies.pop(key, None)
                self._state.remove_object(key)
            else:
                body = encode(value)
                self._place(resource, key, body)
                self._state.put_object(resource, key, body)
        self._staged.clear()

    def drop(self) -> None:
        self._staged.clear()

    def clear(self) -> None:
        self._shelves.clear()
        self._staged.clear()

    def newest_first(self, resource: str, older_than: str | None = None) -> Iterator[Fields]:
        """Committed objects, newest first, from just below the object `older_than`."""
        shelf = self._shelves.get(resource, _Shelf())
        end = len(shelf.order) if older_than is None else shelf.places[older_than]
        return _loaded(shelf, (shelf.order[place] for place in range(end - 1, -1, -1)))

    def oldest_first(self, resource: str, newer_than: str) -> Iterator[Fields]:
        """Committed objects, oldest first, from just above the object `newer_than`."""
        shelf = self._shelves.get(resource, _Shelf())
        start = shelf.places[newer_than] + 1
        return _loaded(shelf, (shelf.order[place] for place in range(start, len(shelf.order))))

    def counts(self) -> dict[str, int]:
        return {resource: len(shelf.bodies) for resource, shelf in self._shelves.items()}

    def _place(self, resource: str, key: str, body: bytes) -> None:
        shelf = self._shelves.setdefault(resource, _Shelf())
        if key not in shelf.places:
            shelf.places[key] = len(shelf.order)
            shelf.order.append(key)
        shelf.bodies[key] = body


def _loaded(shelf: _Shelf, keys: Iterable[str]) -> Iterator[Fields]:
    for key in keys:
        body = shelf.bodies.get(key)
        if body is not None:
            yield json.loads(body)
