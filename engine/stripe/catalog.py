"""Stripe's operations as data, read from the generated catalog.json.

Everything that is known of an operation follows from this file: builders, checks, paths. A shape
in it says what a parameter takes:

    "string" "integer" "number" "decimal" "boolean" "any"
    {"list": SHAPE}   {"map": SHAPE}   {"object": {"name": SHAPE, "required name!": SHAPE}}
    {"enum": [...]}   a closed list; with "open": true any other text may be sent as well
    {"any_of": [SHAPE, ...]}
    {"unset": SHAPE}  SHAPE, or an empty text, which unsets it
    7                 the shape with that number in the file's list of shared shapes
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeAlias, cast

from stripe_flows.engine.types import JSONValue

Shape: TypeAlias = JSONValue
Method: TypeAlias = Literal["GET", "POST", "DELETE"]

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Operation:
    """One verb of one resource: `create_payment_intent`, `capture_payment_intent`.

    `path` begins with `/v1/` and holds its parameters in braces. `parameters` maps each name to its
    shape; `required` are those that Stripe demands.
    """

    name: str
    method: Method
    path: str
    resource: str
    verb: str
    parameters: Mapping[str, Shape]
    required: frozenset[str]

    @property
    def path_parameters(self) -> tuple[str, ...]:
        return tuple(_PLACE.findall(self.path))

    @property
    def builder(self) -> str | None:
        """The function that begins a call in a script, if it has one: `new_payment_intent`."""
        return f"new_{self.resource}" if self.verb == "create" else None


class Catalog:
    """All operations of one version of Stripe's API. The file is read at the first look into it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _file(self) -> Mapping[str, JSONValue]:
        return cast("dict[str, JSONValue]", json.loads(self._path.read_text(encoding="utf-8")))

    @cached_property
    def api_version(self) -> str:
        """What is sent as `Stripe-Version`: the version whose parameters these are."""
        return str(self._file["api_version"])

    @cached_property
    def _shared(self) -> list[Shape]:
        return cast("list[Shape]", self._file["shapes"])

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """Operations by name."""
        rows = cast("dict[str, dict[str, JSONValue]]", self._file["operations"])
        return MappingProxyType({name: _operation(name, row) for name, row in rows.items()})

    @cached_property
    def builders(self) -> Mapping[str, Operation]:
        """The functions that begin a call in a script, with the operation each stands for."""
        found = self.operations.values()
        return MappingProxyType({o.builder: o for o in found if o.builder is not None})

    def resolve(self, shape: Shape) -> Shape:
        """The shape itself, where a number stands for it."""
        while isinstance(shape, int):
            shape = self._shared[shape]
        return shape

    def object_fields(self, shape: Shape) -> tuple[Mapping[str, Shape], frozenset[str]]:
        """The fields of an `object` shape's table and the names of those that are required."""
        return _fields(cast("dict[str, Shape]", shape))


def _operation(name: str, row: dict[str, JSONValue]) -> Operation:
    parameters, required = _fields(cast("dict[str, Shape]", row["parameters"]))
    return Operation(
        name=name,
        method=cast("Method", row["method"]),
        path=str(row["path"]),
        resource=str(row["resource"]),
        verb=str(row["verb"]),
        parameters=parameters,
        required=required,
    )


def _fields(table: dict[str, Shape]) -> tuple[Mapping[str, Shape], frozenset[str]]:
    required = frozenset(name[:-1] for name in table if name.endswith("!"))
    if not required:
        return table, required
    return {name.removesuffix("!"): shape for name, shape in table.items()}, required


@cache
def stripe_catalog() -> Catalog:
    """The catalog that is part of this package."""
    return Catalog(Path(__file__).with_name("catalog.json"))
