"""What was taken for something else: a text of params, a builder, a builder's name, a field.

The sandbox says that a value has no brackets or cannot be called; the script's text says which one.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from stripe_flows.engine.answer import json_object
from stripe_flows.engine.scope import Answered, Scope
from stripe_flows.engine.stripe.catalog import Catalog
from stripe_flows.engine.types import JSONObject

from . import advice, origin
from .lines import nodes_at, nodes_of
from .origin import fields_of

_NO_KEYS = re.compile(r"(?<!\w)'?_sf_(\w+)'? object is not subscriptable")
_NO_CALL = re.compile(r"(?<!\w)'?_sf_Data'? object is not callable")


def taken(
    message: str, source: str, line: int | None, scope: Scope, catalog: Catalog
) -> str | None:
    """What to say where a value was taken for something else; None if nothing is plain. `line`: where
    it was."""
    if found := _NO_KEYS.match(message):
        return _indexed_builder(source, line, found[1])
    if _NO_CALL.match(message):
        return _called_field(source, line, scope.answered)
    if message.endswith("object is not callable"):
        return _called_name(source, line, catalog)
    if message.startswith("string indices"):
        if said := _text_in_params(source, line, scope.params):
            return said
        indexed = origin.indexed_verb(source, line)
        return advice.no_answer(*indexed) if indexed else None
    return None


def _text_in_params(source: str, line: int | None, params: JSONObject) -> str | None:
    """What to say where a text in `params` is asked for a key: `params["customer"]["id"]`."""
    for node in nodes_at(source, line):
        match node:
            case ast.Subscript(
                value=ast.Subscript(
                    value=ast.Name(id="params"), slice=ast.Constant(value=str(key))
                ),
                slice=ast.Constant(value=str(name)),
            ) if isinstance(params.get(key), str):
                return f"params[{key!r}] is a text, without {name!r}; an id is the text itself"
    return None


def _indexed_builder(source: str, line: int | None, kind: str) -> str | None:
    """What to say where a builder is asked for a key."""
    for node in nodes_at(source, line):
        match node:
            case ast.Subscript(slice=ast.Constant(value=str(name)), ctx=ast.Load()) as asked:
                value = asked.value
                while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
                    value = value.func.value
                if isinstance(value, ast.Name) or (
                    isinstance(value, ast.Call)
                    and isinstance(value.func, ast.Name)
                    and value.func.id == kind
                ):
                    return advice.no_member(kind, name)
    return None


def _called_name(source: str, line: int | None, catalog: Catalog) -> str | None:
    """What to say where something is called by a builder's name that the script has given away."""
    for node in nodes_at(source, line):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in catalog.builders:
                given = _given_lines(source).get(name)
                if given is not None:
                    return advice.taken(name, given)
    return None


@lru_cache(maxsize=16)
def _given_lines(source: str) -> dict[str, int]:
    """Each name that is given to something, with the first line on which it is."""
    lines: dict[str, int] = {}
    for node in nodes_of(source):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            lines[node.id] = min(node.lineno, lines.get(node.id, node.lineno))
    return lines


def _called_field(source: str, line: int | None, answered: Answered | None) -> str | None:
    """What to say where a field is called that is named like a method: `parsed_data.items()`."""
    known = fields_of("", json_object(answered.body)) if answered is not None else {}
    for node in nodes_at(source, line):
        match node:
            case ast.Call(func=ast.Attribute(attr=("items" | "keys" | "values" | "get") as name)):
                if name in known:
                    return (
                        f"{name} is a field here, which wins over the method; the objects of a "
                        f"list are in {name}.data, and to_dict() gives a dict with the method"
                    )
    return None
