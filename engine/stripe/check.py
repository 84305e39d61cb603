"""Check the parameters of a call against its operation, before anything is sent.

A check refuses only what Stripe's typed parameters rule out. Other values of open lists pass, and so
does every value where the catalog says "any". No message repeats a value: it may be a customer's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from stripe_flows.engine.nearest import nearest
from stripe_flows.engine.types import JSONObject, JSONValue

from .catalog import Catalog, Operation, Shape
from .form import says_nothing
from .values import (
    FOREIGN,
    NAME,
    is_sendable,
    is_text,
    is_unicode,
    kind_of_value,
    metadata_faults,
    scalar_faults,
    unix_time,
    wanted,
)

_ALIASES = {
    **dict.fromkeys(("qty", "count"), "quantity"),
    **dict.fromkeys(("zip", "zip_code", "zipcode", "postcode"), "postal_code"),
    **dict.fromkeys(("street", "address1", "line"), "line1"),
    "address2": "line2",
    **dict.fromkeys(("province", "region"), "state"),
    "cvv": "cvc",
    **dict.fromkeys(("price_id", "plan_id"), "price"),
}
"""Names that people use for a field which Stripe calls otherwise."""

_LISTED = 12
"""The most values of a list that a message names; fewer if one of them is near."""

_SHORT = 10
"""The most values of an open list that is likely to be complete."""


@dataclass(frozen=True)
class Mistake:
    """A mistake in the parameters of a call."""

    parameter: str | None
    """The parameter that is wrong; None if one is `missing`."""
    text: str
    """The message for people."""
    doubt: bool = False
    """Only a warning: Stripe may accept more than the catalog knows."""
    missing: str | None = None
    """The required parameter that is not set."""


def mistakes(
    catalog: Catalog,
    operation: Operation,
    request: JSONObject,
    unchecked: frozenset[str] = frozenset(),
) -> list[Mistake]:
    """Return every mistake in the parameters, in their order.

    Parameters in `unchecked` are only checked for whether they can be sent at all.
    """
    called = operation.called
    check = _Check(catalog, operation, request)
    found: list[Mistake] = []
    for name, value in request.items():
        faults_of = check.needed if name in operation.required - unchecked else check.value
        if name in unchecked:
            shape: Shape = "any"
            if not is_sendable(name):
                found.append(Mistake(name, f"{called}: the name of an unchecked parameter {NAME}"))
        elif name not in operation.parameters:
            hint = nearest(name, operation.parameters)
            found.append(Mistake(name, f"{called} has no parameter {name!r}{hint}"))
            continue
        else:
            shape = operation.parameters[name]
        found += [Mistake(name, f"{called}: {text}") for text in faults_of(shape, value, name)]
        found += [Mistake(name, f"{called}: {text}", doubt=True) for text in check.doubts]
        check.doubts.clear()
    for name in sorted(operation.required - request.keys()):
        found.append(Mistake(None, f"{called} needs {name!r}", missing=name))
    return found


class _Check:
    """Walks shape and value together and yields the faults, each beginning with its path."""

    def __init__(self, catalog: Catalog, operation: Operation, request: JSONObject) -> None:
        self._catalog = catalog
        self._request = request
        self._payout = operation.resource == "payout"
        self.doubts: dict[str, None] = {}

    def needed(self, shape: Shape, value: JSONValue, path: str) -> Iterator[str]:
        """Yield the faults of a required value, which may not be empty."""
        if value == "" and is_text(self._catalog.resolve(shape)):
            yield f"{path} may not be empty: it is required, and an empty string unsets"
            return
        faults = list(self.value(shape, value, path))
        yield from faults
        if not faults and says_nothing(value):
            yield f"{path} may not be empty: it is required, and empty values are not sent"

    def value(self, shape: Shape, value: JSONValue, path: str) -> Iterator[str]:
        shape = self._catalog.resolve(shape)
        if value == "" and is_text(shape):
            # Stripe API, error code parameter_invalid_empty. The types do not always show what can be
            # unset when an object is created, so it is only a warning.
            self.doubts[f"{path} is empty: Stripe may answer that it cannot be unset"] = None
        if isinstance(value, dict) and FOREIGN in value:
            yield f"{path} cannot be sent: a request cannot hold a value of type {value[FOREIGN]}"
        elif isinstance(value, str) and not is_unicode(value):
            yield f"{path} is not valid Unicode"
        elif isinstance(shape, str):
            yield from scalar_faults(shape, value, path, self._request, payout=self._payout)
        else:
            assert isinstance(shape, dict)
            yield from self._compound(shape, value, path)

    def _compound(self, shape: dict[str, JSONValue], value: JSONValue, path: str) -> Iterator[str]:
        if "unset" in shape:
            if value != "":
                yield from self.value(shape["unset"], value, path)
        elif "enum" in shape:
            yield from self._enum(shape, value, path)
        elif "any_of" in shape:
            yield from self._any_of(cast("list[Shape]", shape["any_of"]), value, path)
        elif "list" in shape:
            if not isinstance(value, list):
                yield f"{path} must be a list, not {kind_of_value(value)}"
                return
            for index, member in enumerate(value):
                yield from self.value(shape["list"], member, f"{path}[{index}]")
        elif not isinstance(value, dict) or unix_time(value) is not None:
            yield f"{path} must be a dict, not {kind_of_value(value)}"
        elif "map" in shape:
            yield from self._map(shape["map"], value, path)
        else:
            yield from self._object(shape["object"], value, path)

    def _enum(self, shape: dict[str, JSONValue], value: JSONValue, path: str) -> Iterator[str]:
        values = cast("list[JSONValue]", shape["enum"])
        if any(value == one and type(value) is type(one) for one in values):
            return
        texts = [str(one) for one in values if one != ""]
        hint = nearest(value, texts) if isinstance(value, str) else ""
        if shape.get("open"):
            if not isinstance(value, str):
                yield f"{path} must be a string, not {kind_of_value(value)}"
            elif hint:
                self.doubts[f"{path} is not one of the known values{hint}"] = None
            elif value and len(texts) <= _SHORT:
                known = ", ".join(map(repr, texts))
                self.doubts[f"{path} is not one of the known values: {known}"] = None
            return
        if hint and len(texts) > _LISTED:
            few = ", ".join(map(repr, texts[:3]))
            yield f"{path} is not one of the values{hint} They are {few} and {len(texts) - 3} more"
            return
        yield f"{path} must be {_one_of(values)}{hint}"

    def _any_of(self, shapes: list[Shape], value: JSONValue, path: str) -> Iterator[str]:
        resolved = [self._catalog.resolve(shape) for shape in shapes]
        found: list[list[str]] = []
        for shape in resolved:
            found.append(list(self.value(shape, value, path)))
            if not found[-1]:
                return
        # Shapes of its own kind were meant: for a string it matters more that it is not a Unix time
        # than that it is not a dict.
        own = [n for n, shape in enumerate(resolved) if _is_of_kind(shape, value)]
        if isinstance(value, dict) and own:
            yield from found[min(own, key=lambda n: self._strangeness(resolved[n], value))]
        elif len(own) == 1:
            yield from found[own[0]]
        else:
            meant = [resolved[n] for n in own] or resolved
            texts = [
                _wanted(one, path) for one in sorted(meant, key=lambda one: isinstance(one, dict))
            ]
            lists = isinstance(value, str) and any(isinstance(one, dict) for one in meant)
            other = "another string" if lists else kind_of_value(value)
            yield f"{path} must be {', or '.join(texts)}, not {other}"

    def _strangeness(self, shape: Shape, value: Mapping[str, JSONValue]) -> tuple[bool, int]:
        """Rate how badly the value fits this object: whether its own `object` or `type` is another,
        and how many names are unknown or missing."""
        table = shape.get("object") if isinstance(shape, dict) else None
        if table is None:
            return False, 0
        fields, required = self._catalog.object_fields(table)
        other = any(
            list(self.value(fields[name], value[name], name))
            for name in ("object", "type")
            if name in fields and name in value
        )
        return other, len(value.keys() - fields.keys()) + len(required - value.keys())

    def _object(self, table: Shape, value: Mapping[str, JSONValue], path: str) -> Iterator[str]:
        fields, required = self._catalog.object_fields(table)
        if all(map(says_nothing, value.values())) and not path.endswith("]"):
            # It is left out as a whole, unless it is a member of a list.
            required = frozenset()
        for name, member in value.items():
            if name not in fields:
                hint = f"; did you mean {_ALIASES[name]!r}?" if _ALIASES.get(name) in fields else ""
                yield f"{path} has no parameter {name!r}{hint or nearest(name, fields)}"
            else:
                faults_of = self.needed if name in required else self.value
                yield from faults_of(fields[name], member, f"{path}.{name}")
        for name in sorted(required - value.keys()):
            yield f"{path} needs {name!r}"

    def _map(self, shape: Shape, value: Mapping[str, JSONValue], path: str) -> Iterator[str]:
        if path.rpartition(".")[2] == "metadata":
            yield from metadata_faults(value, path)
            return
        for name, member in value.items():
            if not is_sendable(name):
                yield f"{path} has a key that cannot be sent: a key {NAME}"
                continue
            yield from self.value(shape, member, f"{path}.{name}")


def _is_of_kind(shape: Shape, value: JSONValue) -> bool:
    """Return whether shape and value are both a dict, both a list or both a single value."""
    if unix_time(value) is not None:
        return shape == "timestamp"
    names = shape.keys() if isinstance(shape, dict) else ()
    if "object" in names or "map" in names:
        return isinstance(value, dict)
    return isinstance(value, list) if "list" in names else not isinstance(value, (dict, list))


def _wanted(shape: Shape, path: str) -> str:
    if isinstance(shape, str):
        return wanted(shape, path)
    assert isinstance(shape, dict)
    if "enum" in shape:
        return _one_of(cast("list[JSONValue]", shape["enum"]))
    return "a list" if "list" in shape else "a dict"


def _one_of(values: list[JSONValue]) -> str:
    texts = [repr(str(one)) for one in values if one != ""]
    listed = ", ".join(texts[:_LISTED]) + (", …" if len(texts) > _LISTED else "")
    return f"{'one of ' if len(texts) > 1 else ''}{listed or 'empty'}"
