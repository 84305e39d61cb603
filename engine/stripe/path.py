"""The path of a request: that of the operation, with the script's ids in their places.

An id is data, so it is percent-encoded and can never become another part of the path. An empty id,
`.` and `..`, which would change the path all the same, are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from stripe_flows.engine.types import JSONValue

from .catalog import Operation
from .prefixes import other_kind, prefixes_at, reference_fault
from .values import kind_of_value

MAX_ID = 500
"""The most characters of an id."""

_PLACE = re.compile(r"\{\w+\}")


def path_faults(operation: Operation, ids: list[JSONValue]) -> Iterator[str]:
    """Yield what is wrong with the ids, one sentence each."""
    places, called = operation.path_parameters, operation.called
    if len(ids) != len(places):
        wanted = f"{len(places)} id{'' if len(places) == 1 else 's'}" if places else "no id"
        listed = f" ({', '.join(places)})" if places else ""
        yield f"{called} takes {wanted}{listed} in {operation.builder}(…), not {len(ids)}"
        return
    for place, value in zip(places, ids, strict=True):
        if not isinstance(value, str):
            yield f"{called}: {place} must be an id, as a string, not {kind_of_value(value)}"
        elif not value.strip() or value in (".", ".."):
            what = "is empty" if not value.strip() else f"is {value!r}"
            yield f"{called}: {place} must be an id, but {what}"
        elif len(value) > MAX_ID or not value.isprintable():
            yield f"{called}: {place} must be an id of at most {MAX_ID} printable characters"


def fill(operation: Operation, ids: list[JSONValue]) -> str:
    """Return the path with the percent-encoded ids in their places. The ids must have no faults."""
    if not ids:
        return operation.path
    waiting = iter(ids)
    return _PLACE.sub(lambda _: quote(str(next(waiting)), safe=""), operation.path)


def id_warnings(operation: Operation, ids: list[JSONValue]) -> Iterator[str]:
    """Yield a warning for each id with the prefix of another resource."""
    if not ids:
        return
    before = _PLACE.split(operation.path)
    for place, value, collection in zip(operation.path_parameters, ids, before, strict=False):
        fault = other_kind(str(value), prefixes_at(collection))
        if fault is not None:
            yield f"{place} {fault}"


def reference_warnings(name: str, value: JSONValue, path: str) -> Iterator[str]:
    """Yield such warnings for the ids in a parameter's value, each beginning with its path."""
    if isinstance(value, str):
        fault = reference_fault(name, value)
        if fault is not None:
            yield f"{path} {fault}"
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from reference_warnings(name, member, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key, member in value.items():
            if key != "metadata":
                yield from reference_warnings(key, member, f"{path}.{key}")
