"""For any operation of the catalog: a script that calls it with all its parameters, and what the
request has to look like, worked out here without the engine's own encoding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast
from urllib.parse import quote

from stripe_flows.engine.sandbox.builders import setter
from stripe_flows.engine.stripe.catalog import (
    Catalog,
    Operation,
    Shape,
    builder_verb,
    stripe_catalog,
)
from stripe_flows.engine.types import JSONObject, JSONValue

DEPTH = 4
"""Objects within one another that are filled; deeper ones get what they require and no more."""

TEXT = "Ä & [b]=%2F+ c"

SCALARS: dict[str, JSONValue] = {
    "string": TEXT,
    "integer": 7,
    "timestamp": 1800000000,
    "number": 2.5,
    "decimal": "1.50",
    "boolean": True,
    "any": "anything",
}

WORDS = {"currency": "usd"}


def ids_of(operation: Operation) -> list[str]:
    return [f"{name}/1 ü" for name in operation.path_parameters]


def path_of(operation: Operation) -> str:
    path = operation.path
    for name, value in zip(operation.path_parameters, ids_of(operation), strict=True):
        path = path.replace(f"{{{name}}}", quote(value, safe=""), 1)
    return path


def filled(operation: Operation) -> JSONObject:
    """A value for every parameter of the operation."""
    catalog = stripe_catalog()
    return {
        name: value
        for name, shape in operation.parameters.items()
        if (value := _value(catalog, shape, name, 1)) is not None
    }


def script_of(
    operation: Operation,
    request: Mapping[str, object],
    options: str = "",
    ids: Sequence[str] | None = None,
) -> str:
    """A script that makes the call and prints what it returns. `ids`: in place of its own."""
    builder, verb = builder_verb(operation.name, operation.resource, operation.verb)
    setters = "".join(f"\n    .{setter(name)}({value!r})" for name, value in request.items())
    listed = ", ".join(map(repr, ids_of(operation) if ids is None else ids))
    return f"print((\n    {builder}({listed}){setters}\n    .{verb}_async({options})\n))"


def pairs(value: JSONValue, key: str = "") -> list[tuple[str, str]]:
    """The form's names and values, decoded."""
    if isinstance(value, dict):
        found = value.items()
        return [p for n, v in found for p in pairs(v, f"{key}[{n}]" if key else n)]
    if isinstance(value, list):
        return [p for n, v in enumerate(value) for p in pairs(v, f"{key}[{n}]")]
    return [(key, str(value).lower() if isinstance(value, bool) else str(value))]


def _value(catalog: Catalog, shape: Shape, name: str, depth: int) -> JSONValue:
    found = catalog.resolve(shape)
    if isinstance(found, str):
        return WORDS.get(name, SCALARS[found])
    table = cast("dict[str, JSONValue]", found)
    ((kind, inner),) = ((kind, inner) for kind, inner in table.items() if kind != "open")
    if kind == "unset":
        return _value(catalog, inner, name, depth)
    if kind == "enum":
        return cast("list[JSONValue]", inner)[-1]
    if kind == "any_of":
        return _value(catalog, cast("list[JSONValue]", inner)[0], name, depth)
    if kind == "list":
        one = _value(catalog, inner, name, depth)
        return None if one is None else [one, one]
    if kind == "map":
        return {"key one": _value(catalog, inner, name, depth)}
    fields, required = catalog.object_fields(inner)
    members: JSONObject = {
        field: value
        for field, shape in fields.items()
        if depth < DEPTH or field in required
        if (value := _value(catalog, shape, field, depth + 1)) is not None
    }
    return members or None
