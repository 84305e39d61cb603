"""Parameters → the form that Stripe reads: `items[0][price]=price_1&items[0][quantity]=2`.

The order is the order in which the script set them, so the same request gives the same bytes; with
one idempotency key that matters, since Stripe compares the parameters of a replay.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import quote_plus

from stripe_flows.engine.types import JSONObject, JSONValue


def encode_form(parameters: JSONObject) -> str:
    """The body of a POST, or the query of a GET or DELETE. Empty lists and dicts say nothing.

    None is left out, an empty text is kept (it unsets a value at Stripe).
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
        # Numbered as they are sent: what says nothing would leave a gap.
        for index, member in enumerate(m for m in value if not says_nothing(m)):
            yield from _pairs(f"{key}[{index}]", member)
    else:
        yield key, form_text(value)


def says_nothing(value: JSONValue) -> bool:
    """Whether nothing of it is left in a form: None, and lists and dicts of nothing."""
    if isinstance(value, dict):
        return all(map(says_nothing, value.values()))
    return value is None or (isinstance(value, list) and all(map(says_nothing, value)))


def form_text(value: bool | int | float | str) -> str:
    """One value as text. Numbers never come out in exponent notation, which Stripe does not read."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    return str(value)


def without_none(value: JSONObject) -> JSONObject:
    """The parameters with every None left out, at any depth."""
    return {name: _kept(member) for name, member in value.items() if member is not None}


def _kept(value: JSONValue) -> JSONValue:
    if isinstance(value, dict):
        return without_none(value)
    if isinstance(value, list):
        return [_kept(member) for member in value if member is not None]
    return value
