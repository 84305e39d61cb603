"""Shapes: the values that a parameter accepts, and their notation in the generated catalog.json.

In memory a shape is one of

    "string" "integer" "timestamp" "number" "decimal" "boolean" "any"
    {"list": SHAPE}   {"map": SHAPE}   {"object": {"name": SHAPE, "required name!": SHAPE}}
    {"enum": [...]}   a closed list; with "open": true any other string may be sent as well
    {"any_of": [SHAPE, ...]}
    {"unset": SHAPE}  SHAPE, or an empty string, which unsets it
    7                 the shape with that number in the file's list of shared shapes

A timestamp is an integer: seconds since 1970. In the file the same is written shorter: a scalar is
its letter (`s i t n d b a`), a shared shape its number, and a list of values these with spaces
between, after `!` if it is closed and `=` if it is open. Before any of them `?` means that an empty
string unsets it, `[` a list and `{` a map of it. Anything longer is a JSON object: one with `?`, `[`
or `{` as its only name, or with `|` (any of), is that of what it holds; any other is the fields of
an object, where a string names all fields of the shape before it: `{"i": "amount! fee", "s": "name"}`.
"""

from __future__ import annotations

from typing import TypeAlias, cast

from stripe_flows.engine.types import JSONValue

Shape: TypeAlias = JSONValue

_SCALARS: dict[str, Shape] = {
    "s": "string",
    "i": "integer",
    "t": "timestamp",
    "n": "number",
    "d": "decimal",
    "b": "boolean",
    "a": "any",
}
_SIGNS = {"?": "unset", "[": "list", "{": "map"}
OPEN, CLOSED = "=", "!"


def read_shape(written: JSONValue) -> Shape:
    """Return the shape that the file writes as `written`; shared shapes stay numbers."""
    if isinstance(written, str):
        sign, rest = written[0], written[1:]
        if sign in _SIGNS:
            return {_SIGNS[sign]: read_shape(rest)}
        if sign in (OPEN, CLOSED):
            values = cast("list[JSONValue]", rest.split(" "))
            return {"enum": values, "open": True} if sign == OPEN else {"enum": values}
        return _SCALARS[written] if written in _SCALARS else int(written)
    assert isinstance(written, dict)
    if "|" in written:
        return {"any_of": [read_shape(one) for one in cast("list[JSONValue]", written["|"])]}
    if len(written) == 1:
        ((name, inner),) = written.items()
        if name in _SIGNS:
            return {_SIGNS[name]: read_shape(inner)}
    return {"object": read_fields(written)}


def read_fields(written: dict[str, JSONValue]) -> dict[str, Shape]:
    """Return the fields of an object or an operation; the name of a required one ends in `!`."""
    fields: dict[str, Shape] = {}
    for key, value in written.items():
        if isinstance(value, str):
            fields |= dict.fromkeys(value.split(" "), read_shape(key))
        else:
            fields[key] = read_shape(value)
    return dict(sorted(fields.items()))


def split_required(table: dict[str, Shape]) -> tuple[dict[str, Shape], frozenset[str]]:
    """Return the fields without `!` in their names, and the names of the required ones."""
    required = frozenset(name[:-1] for name in table if name.endswith("!"))
    if not required:
        return table, required
    return {name.removesuffix("!"): shape for name, shape in table.items()}, required
