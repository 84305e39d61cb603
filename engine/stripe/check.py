"""Is this what the operation takes? Asked once for each recorded call, before anything is sent.

A check refuses only what Stripe's typed parameters rule out; values of open lists pass, so does
every value where the catalog says "any". No message repeats a value: it may be a customer's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from stripe_flows.engine.errors import nearest
from stripe_flows.engine.stripe.catalog import Catalog, Operation, Shape
from stripe_flows.engine.stripe.form import form_text
from stripe_flows.engine.types import JSONObject, JSONValue

FOREIGN = "\x00type"
"""Key of the dict that stands for a value which cannot be sent at all; its value names the type."""

# Stripe API reference, "Metadata": up to 50 keys, names up to 40 characters, values up to 500.
METADATA_KEYS, METADATA_NAME, METADATA_VALUE = 50, 40, 500

_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")
_MONEY = re.compile(r"(?:^|_)amount$")


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a call. `parameter` is the setter's, None where a missing one is meant."""

    parameter: str | None
    text: str


def mistakes(catalog: Catalog, operation: Operation, request: JSONObject) -> list[Mistake]:
    """Everything that is wrong with the parameters, in their order; empty if nothing is."""
    called = operation.called
    check = _Check(catalog)
    found: list[Mistake] = []
    for name, value in request.items():
        if name not in operation.parameters:
            hint = nearest(name, operation.parameters)
            found.append(Mistake(name, f"{called} has no parameter {name!r}{hint}"))
            continue
        shape = operation.parameters[name]
        found += [Mistake(name, f"{called}: {text}") for text in check.value(shape, value, name)]
    for name in sorted(operation.required - request.keys()):
        found.append(Mistake(None, f"{called} needs {name!r}"))
    return found


class _Check:
    """Walks shape and value together; yields the faults, each beginning with its path."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def value(self, shape: Shape, value: JSONValue, path: str) -> Iterator[str]:
        shape = self._catalog.resolve(shape)
        if isinstance(value, dict) and FOREIGN in value:
            yield f"{path} cannot be sent: a value of type {value[FOREIGN]} has no form at Stripe"
        elif isinstance(value, str) and not _is_unicode(value):
            yield f"{path} is not valid Unicode"
        elif isinstance(shape, str):
            yield from _scalar(shape, value, path)
        else:
            assert isinstance(shape, dict)
            yield from self._compound(shape, value, path)

    def _compound(self, shape: dict[str, JSONValue], value: JSONValue, path: str) -> Iterator[str]:
        if "unset" in shape:
            if value != "":
                yield from self.value(shape["unset"], value, path)
        elif "enum" in shape:
            yield from _enum(shape, value, path)
        elif "any_of" in shape:
            yield from self._any_of(cast("list[Shape]", shape["any_of"]), value, path)
        elif "list" in shape:
            if not isinstance(value, list):
                yield f"{path} must be a list, not {_kind(value)}"
                return
            for index, member in enumerate(value):
                yield from self.value(shape["list"], member, f"{path}[{index}]")
        elif not isinstance(value, dict):
            yield f"{path} must be a dict, not {_kind(value)}"
        elif "map" in shape:
            yield from self._map(shape["map"], value, path)
        else:
            yield from self._object(shape["object"], value, path)

    def _any_of(self, shapes: list[Shape], value: JSONValue, path: str) -> Iterator[str]:
        best: list[str] | None = None
        for shape in shapes:
            faults = list(self.value(shape, value, path))
            if not faults:
                return
            # A fault inside says more than a fault of the whole.
            if best is None or _depth(faults) > _depth(best):
                best = faults
        yield from best or ()

    def _object(self, table: Shape, value: Mapping[str, JSONValue], path: str) -> Iterator[str]:
        fields, required = self._catalog.object_fields(table)
        for name, member in value.items():
            if name not in fields:
                yield f"{path} has no parameter {name!r}{nearest(name, fields)}"
            else:
                yield from self.value(fields[name], member, f"{path}.{name}")
        for name in sorted(required - value.keys()):
            yield f"{path} needs {name!r}"

    def _map(self, shape: Shape, value: Mapping[str, JSONValue], path: str) -> Iterator[str]:
        if path.rpartition(".")[2] == "metadata":
            yield from _metadata(value, path)
            return
        for name, member in value.items():
            if not name or "[" in name or "]" in name or not _is_unicode(name):
                yield f"{path} has a key that cannot be sent: no key may be empty or hold [ or ]"
                continue
            yield from self.value(shape, member, f"{path}.{name}")


def _scalar(shape: str, value: JSONValue, path: str) -> Iterator[str]:
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{path} must be a finite number"
        return
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    match shape:
        case "string":
            good, wanted = isinstance(value, str), "a text"
        case "integer" | "timestamp":
            good, wanted = isinstance(value, int) and not isinstance(value, bool), "an integer"
            if _MONEY.search(path.rpartition(".")[2]):
                wanted = "an integer in the smallest unit of the currency, such as cents"
        case "number":
            good, wanted = number, "a number"
        case "decimal":
            text = isinstance(value, str) and _DECIMAL.fullmatch(value) is not None
            good, wanted = number or text, "a decimal number, as Decimal, int, float or text"
        case "boolean":
            good, wanted = isinstance(value, bool), "True or False"
        case _:
            good, wanted = True, ""
    if not good:
        yield f"{path} must be {wanted}, not {_kind(value)}"


def _enum(shape: dict[str, JSONValue], value: JSONValue, path: str) -> Iterator[str]:
    values = cast("list[JSONValue]", shape["enum"])
    if any(value == one and type(value) is type(one) for one in values):
        return
    if shape.get("open"):
        if not isinstance(value, str):
            yield f"{path} must be a text, not {_kind(value)}"
        return
    texts = [str(one) for one in values if one != ""]
    listed = ", ".join(map(repr, texts[:12])) + (", …" if len(texts) > 12 else "")
    hint = nearest(value, texts) if isinstance(value, str) else ""
    yield f"{path} must be {'one of ' if len(texts) > 1 else ''}{listed}{hint}"


def _metadata(value: Mapping[str, JSONValue], path: str) -> Iterator[str]:
    # An empty text takes a key away, so it does not count.
    kept = sum(member != "" for member in value.values())
    if kept > METADATA_KEYS:
        yield f"{path} has {kept} keys; Stripe takes {METADATA_KEYS}"
    for index, (name, member) in enumerate(value.items(), 1):
        if not 1 <= len(name) <= METADATA_NAME or not _is_unicode(name):
            yield f"{path}: key {index} must have 1 to {METADATA_NAME} characters"
        elif "[" in name or "]" in name:
            yield f"{path}: key {index} may not hold [ or ]"
        elif not isinstance(member, (str, int, float)):
            yield f"{path}.{name} must be a text, not {_kind(member)}"
        elif isinstance(member, float) and not math.isfinite(member):
            yield f"{path}.{name} must be a finite number"
        elif isinstance(member, str) and not _is_unicode(member):
            yield f"{path}.{name} is not valid Unicode"
        elif len(form_text(member)) > METADATA_VALUE:
            yield f"{path}.{name} is longer than the {METADATA_VALUE} characters Stripe takes"


def _kind(value: JSONValue) -> str:
    match value:
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a float"
        case str():
            return "a text"
        case list():
            return "a list"
        case dict() if FOREIGN in value:
            return f"a value of type {value[FOREIGN]}"
        case dict():
            return "a dict"
    return "None"


def _depth(faults: list[str]) -> int:
    return max(fault.count(".") + fault.count("[") for fault in faults)


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)
