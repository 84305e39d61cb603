"""What is known of each kind of object as data: prefix, every field with its first value.

Read from objects.json, so that a further resource is a further entry there, not code.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from stripe_flows.local.simulator.ids import new_id
from stripe_flows.local.simulator.values import Fields


@dataclass(frozen=True)
class Kind:
    """A kind of object. `noun` is its name in messages; `deleted`: what a deletion leaves, a
    `stub` that can be retrieved (as of a customer) or nothing; None: it cannot be deleted.
    """

    resource: str
    noun: str
    prefix: str
    length: int
    fields: Fields
    nested: Mapping[str, Fields]
    deleted: str | None

    def new(self, created: int) -> Fields:
        """A fresh object with every field; `created` in seconds since 1970."""
        made = copy.deepcopy(self.fields)
        made["id"] = new_id(self.prefix, self.length)
        made["created"] = created
        return made

    def apply(self, target: Fields, params: Fields) -> None:
        """Set those fields that the parameters name; a map's members are set one by one."""
        for name, value in params.items():
            if name == "metadata":
                target["metadata"] = merged_metadata(target["metadata"], value)
            elif name in self.fields:
                target[name] = self._value(name, target[name], value)

    def _value(self, name: str, current: Any, value: Any) -> Any:
        if value is None:
            # Unset: what it was before anybody set it.
            return copy.deepcopy(self.fields[name])
        if not isinstance(value, dict):
            return value
        base = current if isinstance(current, dict) else self.nested.get(name, {})
        return _filled(base, value)


def merged_metadata(current: Fields, given: Fields | None) -> Fields:
    """Stripe's rule of updates: an empty text takes one key away, an unset map all."""
    if given is None:
        return {}
    return {name: value for name, value in {**current, **given}.items() if value != ""}


def _filled(base: Fields, given: Fields) -> Fields:
    filled = copy.deepcopy(base)
    for name, value in given.items():
        inner = filled.get(name)
        if isinstance(inner, dict) and isinstance(value, dict):
            value = _filled(inner, value)
        filled[name] = value
    return filled


@cache
def kinds() -> Mapping[str, Kind]:
    """All kinds of object by resource."""
    path = Path(__file__).with_name("objects.json")
    rows: dict[str, Fields] = json.loads(path.read_text(encoding="utf-8"))
    return MappingProxyType(
        {
            resource: Kind(resource=resource, **{"deleted": None, **row})
            for resource, row in rows.items()
        }
    )
