"""Read the values that a text writes out, as the JSON that would be recorded."""

from __future__ import annotations

import ast
from typing import Final

from stripe_flows.engine.types import JSONValue


class Unknown:
    """A value that only a run of the script would know."""


UNKNOWN: Final = Unknown()


def literal(node: ast.expr) -> JSONValue | Unknown:
    """Return the value that an expression writes out, or UNKNOWN."""
    try:
        return _json(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return UNKNOWN


def _json(value: object) -> JSONValue:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list() | tuple():
            return [_json(member) for member in value]
        case dict() if all(isinstance(key, str) for key in value):
            return {key: _json(member) for key, member in value.items()}
    raise ValueError("not JSON")
