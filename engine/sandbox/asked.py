"""What was taken for something else: a text of params, a builder, a builder's name, a field.

The sandbox says that a value has no brackets or cannot be called; the script's text says which one.
"""

from __future__ import annotations

import ast
import re

from stripe_flows.engine.answer import json_object
from stripe_flows.engine.sandbox import advice, origin
from stripe_flows.engine.sandbox.lines import nodes_of
from stripe_flows.engine.sandbox.origin import fields_of
from stripe_flows.engine.scope import Answered, Scope
from stripe_flows.engine.stripe.catalog import Catalog
from stripe_flows.engine.types import JSONObject

_NO_KEYS = re.compile(r"'?_sf_(\w+)'? object is not subscriptable")
_NO_CALL = re.compile(r"'?_sf_Data'? object is not callable")


def taken(message: str, source: str, scope: Scope, catalog: Catalog) -> str | None:
    """What to say where a value was taken for something else; None if nothing is plain."""
    if found := _NO_KEYS.match(message):
        return _indexed_builder(source, found[1])
    if _NO_CALL.match(message):
        return _called_field(source, scope.answered)
    if message.endswith("object is not callable"):
        return _called_name(source, catalog)
    if message.startswith("string indices"):
        if said := _text_in_params(source, scope.params):
            return said
        indexed = origin.indexed_verb(source)
        return advice.no_answer(*indexed) if indexed else None
    return None


def _text_in_params(source: str, params: JSONObject) -> str | None:
    """What to say where a text in `params` is asked for a key: `params["customer"]["id"]`."""
    for node in nodes_of(source):
        match node:
            case ast.Subscript(
                value=ast.Subscript(
                    value=ast.Name(id="params"), slice=ast.Constant(value=str(key))
                ),
                slice=ast.Constant(value=str(name)),
            ) if isinstance(params.get(key), str):
                return f"params[{key!r}] is a text, without {name!r}; an id is the text itself"
    return None


def _indexed_builder(source: str, kind: str) -> str | None:
    """What to say where a builder is asked for a key."""
    for node in nodes_of(source):
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


def _called_name(source: str, catalog: Catalog) -> str | None:
    """What to say where something is called by a builder's name that the script has given away."""
    for node in nodes_of(source):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in catalog.builders:
                line = _given_line(source, name)
                if line is not None:
                    return advice.taken(name, line)
    return None


def _given_line(source: str, name: str) -> int | None:
    """The first line on which a name is given to something."""
    lines = [
        node.lineno
        for node in nodes_of(source)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name
    ]
    return min(lines, default=None)


def _called_field(source: str, answered: Answered | None) -> str | None:
    """What to say where a field is called that is named like a method: `parsed_data.items()`."""
    known = fields_of("", json_object(answered.body)) if answered is not None else {}
    for node in nodes_of(source):
        match node:
            case ast.Call(func=ast.Attribute(attr=("items" | "keys" | "values" | "get") as name)):
                if name in known:
                    return (
                        f"{name} is a field here, which wins over the method; the objects of a "
                        f"list are in {name}.data, and to_dict() gives a dict with the method"
                    )
    return None
