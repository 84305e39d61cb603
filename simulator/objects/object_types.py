"""Object types: id prefix, name in messages, and initial values.

The fields come from the generated objects.json, by way of `shapes`. Prefixes, names and initial
values, which Stripe's package lacks, are written by hand in object_types.json. A new resource needs
no code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from stripe_flows.simulator.types import Fields

from .ids import new_id
from .shapes import FieldShape, ObjectReader, Shapes, shapes

_ID_LENGTH = 24


class ObjectType:
    """One type of object. `noun` is its name in messages."""

    def __init__(self, resource: str, known: Shapes, preset: Fields) -> None:
        self.resource = resource
        self._shapes = known
        self._preset = preset
        name = resource.rpartition(".")[2]
        self.prefix: str = preset.get("prefix", f"{name}_")
        self.length: int = preset.get("length", _ID_LENGTH)
        self.noun: str = preset.get("noun", resource)

    @property
    def fields(self) -> Mapping[str, FieldShape]:
        return self._shapes.resources[self.resource]

    @property
    def leaves_stub(self) -> bool:
        """Return whether a deletion answers `{"id", "object", "deleted": true}` instead of the
        object.
        """
        return "deleted" in self.fields

    @cached_property
    def _template(self) -> str:
        fresh = self._shapes.fresh(self.resource)
        for name in self._preset.get("filled", ()):
            fresh[name] = self._shapes.filled(self.fields[name], name)
        return json.dumps({**fresh, **self._preset.get("fields", {})})

    @cached_property
    def _ids(self) -> list[tuple[str, str]]:
        """Return the fields that always hold an id, each with its resource."""
        found = ((name, self._shapes.resolve(shape)) for name, shape in self.fields.items())
        return [
            (name, shape[1:].partition("|")[0])
            for name, shape in found
            if isinstance(shape, str) and shape.startswith("@")
        ]

    def new(self, created: int) -> Fields:
        """Return a new object with every field. `created` is in seconds since 1970."""
        made: Fields = json.loads(self._template)
        if "id" in made:
            made["id"] = self.new_id()
        if "created" in made:
            made["created"] = created
        for name, resource in self._ids:
            if made[name] == "":
                made[name] = object_type(resource).new_id()
        if made.get("client_secret") == "":
            made["client_secret"] = new_id(f"{made.get('id', '')}_secret_", 25)
        return made

    def new_id(self) -> str:
        return new_id(self.prefix, self.length)

    def apply(self, target: Fields, params: Fields, read: ObjectReader) -> None:
        """Set the fields that the parameters name. The members of a map are set one by one."""
        for name, value in params.items():
            shape = self.fields.get(name)
            if name == "metadata" and shape is not None:
                target["metadata"] = merged_metadata(target.get("metadata") or {}, value)
            elif shape is not None and name not in ("id", "object"):
                target[name] = self._fitted(name, shape, value, target.get(name), read)

    def _fitted(
        self, name: str, shape: FieldShape, value: Any, current: Any, read: ObjectReader
    ) -> Any:
        if value is None:
            preset = self._preset.get("fields", {}).get(name)
            return self._shapes.first(shape, name) if preset is None else preset
        nested = self._preset.get("nested", {}).get(name)
        if current is None and nested is not None:
            current = {**self._shapes.filled(shape, name), **nested}
        return self._shapes.fitted(shape, value, current, read)

    def part(self, name: str, given: Any, read: ObjectReader) -> Any:
        """Return a value as the field `name` of this type shows it."""
        return self._fitted(name, self.fields[name], given, None, read)


def merged_metadata(current: Fields, given: Fields | None) -> Fields:
    """Merge metadata by Stripe's rule: an empty string removes one key, None removes all."""
    if given is None:
        return {}
    return {name: value for name, value in {**current, **given}.items() if value != ""}


@cache
def _presets() -> Mapping[str, Fields]:
    path = Path(__file__).with_name("object_types.json")
    rows: dict[str, Fields] = json.loads(path.read_text(encoding="utf-8"))
    return rows


@cache
def object_type(resource: str) -> ObjectType:
    """Return the object type with this name (`checkout.session`)."""
    return ObjectType(resource, shapes(), _presets().get(resource, {}))
