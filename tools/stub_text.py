"""Write types in a type stub."""

from __future__ import annotations

import re
from collections.abc import Iterable


def literal(values: Iterable[object]) -> str:
    return f"Literal[{', '.join(quoted(value) for value in values)}]"


def quoted(value: object) -> str:
    if not isinstance(value, str):
        return repr(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def union(types: Iterable[str]) -> str:
    """Join types with `|`, each once, with `Any` at the end."""
    found: dict[str, None] = {}
    for one in types:
        # No list or Literal has a bar outside its brackets, so those inside stay where they are.
        found.update(dict.fromkeys(re.split(r" \| (?![^\[]*\])", one)))
    return " | ".join(sorted(found, key=lambda one: one == "Any"))
