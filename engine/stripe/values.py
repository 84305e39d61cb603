"""Checks of single values: scalars, metadata, and values of unknown type.

Each function yields faults that begin with the value's path. No message repeats a value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from stripe_flows.engine.types import JSONObject, JSONValue

from .currencies import (
    currency_at,
    integer_advice,
    is_money,
    smallest_unit,
)
from .form import form_text
from .prefixes import ID_PARAMETERS

FOREIGN = "\x00type"
"""The key of a dict that stands for a value which cannot be sent; its value names the type."""

TIME = "\x00time"
"""The key of a dict that stands for a datetime; its value is the Unix time in seconds."""

# Stripe API reference, "Metadata": up to 50 keys, names up to 40 characters, values up to 500.
METADATA_KEYS, METADATA_NAME, METADATA_VALUE = 50, 40, 500

NAME = "may not be empty or hold [ or ]"
_WANTED = {
    "string": "a string",
    "integer": "an integer",
    "timestamp": "a Unix time, in seconds, as an integer or a datetime",
    "number": "a number",
    "decimal": "a decimal number, as Decimal, int, float or string",
    "boolean": "True or False",
    "any": "anything",
}

_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")


def scalar_faults(
    shape: str, value: JSONValue, path: str, request: JSONObject, *, payout: bool = False
) -> Iterator[str]:
    """Yield what is wrong with a single value.

    `request` has all parameters of the call, and so the currency of an amount. `payout`: the call is
    a payout, which some currencies make in whole units.
    """
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{path} must be a finite number"
        return
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    match shape:
        case "string":
            good = _is_string(value, path)
        case "integer":
            good = isinstance(value, int) and number
        case "timestamp":
            good = (isinstance(value, int) and number) or unix_time(value) is not None
        case "number" | "decimal":
            # A Decimal arrives as a string; a form has no other way to write it.
            good = number or (isinstance(value, str) and _DECIMAL.fullmatch(value) is not None)
        case "boolean":
            good = isinstance(value, bool)
        case _:
            yield from any_faults(value, path)
            return
    if good:
        if shape in ("integer", "timestamp") and isinstance(value, int) and not _fits(value):
            yield f"{path} is too large: the limit of Stripe is 64 bits"
        return
    if isinstance(value, str) and shape == "decimal":
        finite = value.strip("+-").lower() not in ("nan", "inf", "infinity")
        why = "the string is not one" if value else "the string is empty"
        yield f"{path} must be {wanted(shape, path)}; {why if finite else 'it is not finite'}"
        return
    currency = currency_at(request, path) if shape == "integer" and is_money(path) else None
    said = f"{path} must be {wanted(shape, path, currency)}, not {kind_of_value(value)}"
    if shape == "integer" and is_money(path):
        if isinstance(value, float):
            said += f": {integer_advice(currency, 'float', payout=payout)}"
        elif isinstance(value, str) and _DECIMAL.fullmatch(value):
            said += f" or a Decimal: {integer_advice(currency, 'string', payout=payout)}"
    elif shape == "string" and isinstance(value, dict) and isinstance(value.get("id"), str):
        said += "; is its id meant, ….id?"
    yield said


def _fits(number: int) -> bool:
    return -(2**63) <= number < 2**63


def wanted(shape: str, path: str, currency: str | None = None) -> str:
    """Describe the values of a scalar shape for people; an amount in `currency`, if it is known."""
    if shape == "integer" and is_money(path):
        return f"an integer in {smallest_unit(currency)}"
    return _WANTED[shape]


def unix_time(value: JSONValue) -> int | None:
    """Return the Unix time of a value that stands for a datetime; None for any other value."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    found = value.get(TIME)
    return found if type(found) is int else None


def with_unix_times(value: JSONValue) -> JSONValue:
    """Replace every datetime in the value by its Unix time, as Stripe expects it."""
    if isinstance(value, dict):
        seconds = unix_time(value)
        if seconds is not None:
            return seconds
        return {name: with_unix_times(member) for name, member in value.items()}
    return [with_unix_times(member) for member in value] if isinstance(value, list) else value


def _is_string(value: JSONValue, path: str) -> bool:
    """Accept numbers as strings of digits, as Stripe does, but not for an id or a currency."""
    if isinstance(value, str):
        return True
    name = path.rpartition(".")[2].partition("[")[0]
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and name != "currency"
        and name not in ID_PARAMETERS
    )


def any_faults(value: JSONValue, path: str) -> Iterator[str]:
    """Yield why a value of unknown type cannot be sent."""
    if isinstance(value, dict):
        for name, member in value.items():
            if FOREIGN in value:
                yield f"{path} cannot be sent: a request cannot hold a value of type {value[FOREIGN]}"
            elif not is_sendable(name):
                yield f"{path} has a key that cannot be sent: a key {NAME}"
            else:
                yield from any_faults(member, f"{path}.{name}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from any_faults(member, f"{path}[{index}]")
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{path} must be a finite number"
    elif isinstance(value, str) and not is_unicode(value):
        yield f"{path} is not valid Unicode"


def metadata_faults(value: Mapping[str, JSONValue], path: str) -> Iterator[str]:
    """Yield what is wrong with metadata."""
    # An empty string removes a key, so it does not count.
    kept = sum(member != "" for member in value.values())
    if kept > METADATA_KEYS:
        yield f"{path} has {kept} keys; the limit is {METADATA_KEYS}"
    for index, (name, member) in enumerate(value.items(), 1):
        if not 1 <= len(name) <= METADATA_NAME or not is_unicode(name):
            yield f"{path}: key {index} must have 1 to {METADATA_NAME} characters"
        elif "[" in name or "]" in name:
            yield f"{path}: key {index} may not hold [ or ]"
        elif not isinstance(member, (str, int, float)):
            yield f"{path}.{name} must be a string, not {kind_of_value(member)}"
        elif isinstance(member, float) and not math.isfinite(member):
            yield f"{path}.{name} must be a finite number"
        elif isinstance(member, str) and not is_unicode(member):
            yield f"{path}.{name} is not valid Unicode"
        elif len(form_text(member)) > METADATA_VALUE:
            yield f"{path}.{name} is longer than {METADATA_VALUE} characters, the limit of Stripe"


def kind_of_value(value: JSONValue) -> str:
    """Name the type of a value for people: `a boolean`, `a datetime`."""
    match value:
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a float"
        case str():
            return "a string"
        case list():
            return "a list"
        case dict() if FOREIGN in value:
            return f"a value of type {value[FOREIGN]}"
        case dict() if unix_time(value) is not None:
            return "a datetime"
        case dict():
            return "a dict"
    return "None"


def is_text(shape: JSONValue) -> bool:
    """Return whether the shape accepts any string, and so an empty one."""
    return shape == "string" or (isinstance(shape, dict) and shape.get("open") is True)


def is_sendable(name: str) -> bool:
    """Return whether a name can stand in a request."""
    return bool(name) and "[" not in name and "]" not in name and is_unicode(name)


def is_unicode(text: str) -> bool:
    """Return whether the string has no half of a surrogate pair."""
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)
