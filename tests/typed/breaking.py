"""A good call, broken on purpose in one place, and where the mistake has to be told.

The places are found along the types of the `stripe` package, at any depth.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.typed.types import fields_of, is_table, literals, member_of, options_of

UNKNOWN = "zzz_unknown"


@dataclass(frozen=True)
class Broken:
    """Parameters with one mistake. `path` is where it is, empty at the top; `name` is the parameter
    that is missing or unknown there, if that is the mistake."""

    kind: str
    params: dict[str, Any]
    path: str
    name: str = ""


@dataclass(frozen=True)
class _Place:
    """One value within parameters: `keys` lead to it, `path` is how a message calls it."""

    type: Any
    keys: tuple[Any, ...]
    path: str
    value: Any


def broken(table: Any, params: dict[str, Any], chance: Random) -> Iterator[Broken]:
    """The parameters with one mistake of each kind that is possible in them."""
    places = list(_places(table, (), "", params))
    for kind, found in (
        ("unknown", [p for p in places if _table_of(p)]),
        ("missing", [p for p in places if (t := _table_of(p)) and fields_of(t)[1] and _stays(p)]),
        ("type", [p for p in places if p.keys and _wrong(p.type)]),
        ("literal", [p for p in places if p.keys and _closed(p.type)]),
        ("empty", [p for p in places if p.keys and _needed_text(table, params, p)]),
    ):
        if found:
            yield _break(kind, chance.choice(found), params, chance)


def _break(kind: str, place: _Place, params: dict[str, Any], chance: Random) -> Broken:
    changed = copy.deepcopy(params)
    name = ""
    if kind == "unknown":
        name = UNKNOWN
        _at(changed, place.keys)[name] = "x"
    elif kind == "missing":
        name = chance.choice(sorted(fields_of(_table_of(place))[1]))
        del _at(changed, place.keys)[name]
    else:
        wrong = {"type": _wrong(place.type), "literal": ["zzz"], "empty": [""]}[kind]
        _at(changed, place.keys[:-1])[place.keys[-1]] = chance.choice(wrong)
    return Broken(kind, changed, place.path, name)


def _at(value: Any, keys: tuple[Any, ...]) -> Any:
    for key in keys:
        value = value[key]
    return value


def _places(kind: Any, keys: tuple[Any, ...], path: str, value: Any) -> Iterator[_Place]:
    place = _Place(kind, keys, path, value)
    yield place
    if isinstance(value, dict) and (table := _table_of(place)):
        for name, member in value.items():
            inner = f"{path}.{name}" if path else name
            yield from _places(fields_of(table)[0][name], (*keys, name), inner, member)
    elif isinstance(value, list):
        members = [m for one in options_of(kind) if (m := member_of(one, list)) is not None]
        for index, member in enumerate(value):
            yield from _places(members[0], (*keys, index), f"{path}[{index}]", member)


def _table_of(place: _Place) -> Any:
    """The TypedDict that the value is of; None if it is none, or could be one of several."""
    tables = [one for one in options_of(place.type) if is_table(one)]
    return tables[0] if isinstance(place.value, dict) and len(tables) == 1 else None


def _stays(place: _Place) -> bool:
    """Whether it is there with a name less: an object of nothing is left out of another."""
    said = sum(map(_says, place.value.values()))
    return said > 1 or not place.keys or isinstance(place.keys[-1], int)


def _says(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_says, value.values()))
    return any(map(_says, value)) if isinstance(value, list) else True


def _wrong(kind: Any) -> list[Any]:
    """Values that no option of the type takes. A text takes numbers, and Any takes all."""
    options = options_of(kind)
    if Any in options:
        return []
    wrong: list[Any] = []
    if not any(is_table(one) or member_of(one, dict) is not None for one in options):
        wrong.append({"zzz": 1})
    if not any(member_of(one, list) is not None for one in options):
        wrong.append(["zzz"])
    if str not in options:
        wrong.append("zzz")
    if bool not in options:
        wrong.append(True)
    return wrong


def _closed(kind: Any) -> bool:
    return all(literals(one) is not None for one in options_of(kind))


def _needed_text(table: Any, params: dict[str, Any], place: _Place) -> bool:
    """Whether it is a text that is required and cannot be unset."""
    if options_of(place.type) != [str] or not isinstance(place.keys[-1], str):
        return False
    owner = table
    for one in _places(table, (), "", params):
        if one.keys == place.keys[:-1]:
            owner = _table_of(one)
    return owner is not None and place.keys[-1] in fields_of(owner)[1]
