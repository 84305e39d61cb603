"""Encode parameters as the form that Stripe reads: `items[0][price]=price_1&items[0][quantity]=2`.

The order is that in which the script set them, so the same request gives the same bytes. It matters
because Stripe compares the parameters of requests with the same idempotency key.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import quote_plus

from stripe_flows.engine.types import JSONObject, JSONValue


def encode_form(parameters: JSONObject) -> str:
    """Return the body of a POST, or the query of a GET or DELETE.

    None and empty lists and dicts are left out. An empty string is kept: it unsets a value.
    """
    return "&".join(
        f"{key}={quote_plus(text)}"
        for name, value in parameters.items()
        for key, text in _pairs(quote_plus(name), value)
    )


def _pairs(key: str, value: JSONValue) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _pairs(f"{key}[{quote_plus(name)}]", member)
    elif isinstance(value, list):
        # Numbered without the members that are left out: they would make gaps.
        for index, member in enumerate(m for m in value if not says_nothing(m)):
            yield from _pairs(f"{key}[{index}]", member)
    else:
        yield key, form_text(value)


def says_nothing(value: JSONValue) -> bool:
    """Return whether a form leaves the value out: None, and lists and dicts of nothing else."""
    if isinstance(value, dict):
        return all(map(says_nothing, value.values()))
    return value is None or (isinstance(value, list) and all(map(says_nothing, value)))


def form_text(value: bool | int | float | str) -> str:
    """Format one value. Numbers are never in exponent notation, which Stripe does not read."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    return str(value)


def without_none(value: JSONObject) -> JSONObject:
    """Return the parameters without None, at any depth."""
    return {name: _kept(member) for name, member in value.items() if member is not None}


def _kept(value: JSONValue) -> JSONValue:
    if isinstance(value, dict):
        return without_none(value)
    if isinstance(value, list):
        return [_kept(member) for member in value if member is not None]
    return value
