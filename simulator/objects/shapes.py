"""The fields of every resource, from the generated objects.json: initial values and given values.

A shape describes what a field holds:

    "string" "integer" "number" "decimal" "boolean" "any"
    "'draft"      one of a closed list; a new object has this value
    "@customer"   an id that can be expanded; "@card|source": of one of these
    "=price"      the resource itself       "[refund"   a list object of that resource
    {"object": {"name": SHAPE}}  {"list": SHAPE}  {"map": SHAPE}  {"page": SHAPE}
    "?SHAPE", {"null": SHAPE}    it, or null; a new object has null
    7             the shape with that number in the file's list of shared shapes
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeAlias

from stripe_flows.simulator.types import Fields

Table: TypeAlias = dict[str, Any]
FieldShape: TypeAlias = str | int | Table
ObjectReader: TypeAlias = Callable[[str, str], "Fields | None"]
"""Resource and id → the stored object, to be shown in full inside another one."""

_EMPTY: dict[str, Any] = {
    "integer": 0,
    "number": 0.0,
    "decimal": "0",
    "boolean": False,
    "any": None,
}
_NAMED: dict[str, Any] = {"currency": "usd", "country": "US", "quantity": 1}
"""Initial values by field name."""


class Shapes:
    """The shapes of one objects.json. The file is read on first use."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _file(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
        return found

    @property
    def resources(self) -> Mapping[str, dict[str, FieldShape]]:
        """Return the fields by object name (`checkout.session`)."""
        found: dict[str, dict[str, FieldShape]] = self._file["resources"]
        return found

    @cached_property
    def event_types(self) -> frozenset[str]:
        return frozenset(self._file["events"])

    def resolve(self, shape: FieldShape) -> Table | str:
        """Return the shape itself for a number that stands for it."""
        while isinstance(shape, int):
            shape = self._file["shapes"][shape]
        return shape

    def bare(self, shape: FieldShape) -> Table | str:
        """Return the shape without its null."""
        found = self.resolve(shape)
        if isinstance(found, str):
            return found.removeprefix("?")
        return self.resolve(found["null"]) if "null" in found else found

    def is_nullable(self, shape: FieldShape) -> bool:
        found = self.resolve(shape)
        return found.startswith("?") if isinstance(found, str) else "null" in found

    def fresh(self, resource: str, inside: tuple[str, ...] = ()) -> Fields:
        """Return a new object of a resource with every field; ids and times are not set yet."""
        inside = (*inside, resource)
        shaped = self.resources[resource]
        fields: Fields = {name: "" for name in ("id", "object") if name in shaped}
        for name, shape in shaped.items():
            if name != "deleted":
                fields[name] = {} if name == "metadata" else self.first(shape, name, inside)
        if "object" in fields:
            fields["object"] = resource
        return fields

    def first(self, shape: FieldShape, name: str = "", inside: tuple[str, ...] = ()) -> Any:
        """Return the initial value of a field.

        A map of objects is empty instead of null: Stripe leaves it out, and its own clients read no
        null there.
        """
        if self.is_nullable(shape) and not self._maps_objects(shape):
            return None
        return self.filled(shape, name, inside)

    def _maps_objects(self, shape: FieldShape) -> bool:
        bare = self.bare(shape)
        if isinstance(bare, str) or "map" not in bare:
            return False
        return not isinstance(self.bare(bare["map"]), str)

    def filled(self, shape: FieldShape, name: str = "", inside: tuple[str, ...] = ()) -> Any:
        """Return the initial value of a field that may be null, but not null."""
        bare = self.bare(shape)
        if isinstance(bare, str):
            return self._scalar(bare, name, inside)
        if "object" in bare:
            return {n: self.first(s, n, inside) for n, s in bare["object"].items()}
        if "page" in bare:
            return empty_page(f"/v1/{name}")
        return [] if "list" in bare else {}

    def _scalar(self, shape: str, name: str, inside: tuple[str, ...]) -> Any:
        sign = shape[0]
        if sign == "'":
            return shape[1:]
        if sign == "=":
            resource = shape[1:].partition("|")[0]
            return None if resource in inside else self.fresh(resource, inside)
        if sign == "[":
            return empty_page(f"/v1/{shape[1:].partition('|')[0].replace('.', '/')}s")
        if sign == "@" or shape == "string":
            return _NAMED.get(name, "")
        return _NAMED.get(name, _EMPTY[shape])

    def fitted(self, shape: FieldShape, value: Any, current: Any, read: ObjectReader) -> Any:
        """Return a parameter's value as the field shows it. `current`: the field's present value.

        A value that does not fit the field (`now` for a time, data for an object to be created)
        leaves the field unchanged.
        """
        if value is None:
            return self.first(shape)
        bare = self.bare(shape)
        if isinstance(bare, str):
            return self._fitted_scalar(bare, value, current, read)
        if "object" in bare:
            if not isinstance(value, dict):
                return current
            base = current if isinstance(current, dict) else self.filled(bare)
            return self.merged(bare["object"], base, value, read)
        if "list" in bare:
            if not isinstance(value, list):
                return current
            return [self.fitted(bare["list"], member, None, read) for member in value]
        if "map" in bare and isinstance(value, dict):
            base = current if isinstance(current, dict) else {}
            return {k: v for k, v in {**base, **value}.items() if v != ""}
        return current

    def merged(
        self, fields: Mapping[str, FieldShape], base: Fields, given: Fields, read: ObjectReader
    ) -> Fields:
        """Return `base` with the given fields changed."""
        changed = {
            name: self.fitted(fields[name], value, base.get(name), read)
            for name, value in given.items()
            if name in fields and name not in ("id", "object")
        }
        return {**base, **changed}

    def _fitted_scalar(self, shape: str, value: Any, current: Any, read: ObjectReader) -> Any:
        sign = shape[0]
        if sign == "=" and isinstance(value, str):
            resource = shape[1:].partition("|")[0]
            return read(resource, value) or current
        if sign == "=" and isinstance(value, dict):
            resource = shape[1:].partition("|")[0]
            base = current if isinstance(current, dict) else self.fresh(resource)
            return self.merged(self.resources[resource], base, value, read)
        if shape == "any":
            return value
        if shape == "decimal" and isinstance(value, (int, float, str)):
            return str(value)
        if shape == "number" and isinstance(value, (int, float)):
            return value
        wanted = {"integer": int, "boolean": bool}.get(shape, str)
        fits = isinstance(value, wanted) and (wanted is not int or not isinstance(value, bool))
        return value if fits and sign != "[" else current


def empty_page(url: str) -> Fields:
    """Return a list object without members."""
    return {"object": "list", "data": [], "has_more": False, "url": url}


@cache
def shapes() -> Shapes:
    """Return the shapes of this package."""
    return Shapes(Path(__file__).with_name("objects.json"))
