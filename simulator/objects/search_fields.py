"""Which fields a search may ask for, and how (Stripe's document "Search", the query fields)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from stripe_flows.simulator.problems import Problem, invalid_request

SHORTEST = 3
"""So many characters `~` takes at least."""

_FIELDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "charge": {
            "amount": "numeric",
            "billing_details.address.postal_code": "token",
            "created": "numeric",
            "currency": "token",
            "customer": "token",
            "disputed": "token",
            "refunded": "token",
            "status": "token",
        },
        "customer": {"created": "numeric", "email": "string", "name": "string", "phone": "string"},
        "invoice": {
            "created": "numeric",
            "currency": "token",
            "customer": "token",
            "last_finalization_error_code": "token",
            "last_finalization_error_type": "token",
            "number": "string",
            "receipt_number": "string",
            "status": "string",
            "subscription": "string",
            "total": "numeric",
        },
        "payment_intent": {
            "amount": "numeric",
            "created": "numeric",
            "currency": "token",
            "customer": "token",
            "status": "token",
        },
        "price": {
            "active": "token",
            "currency": "token",
            "lookup_key": "string",
            "product": "string",
            "type": "token",
        },
        "product": {
            "active": "token",
            "description": "string",
            "name": "string",
            "shippable": "token",
            "url": "string",
        },
        "subscription": {"canceled_at": "numeric", "created": "numeric", "status": "token"},
    }
)
_CARD_FIELDS = ("last4", "exp_month", "exp_year", "brand", "fingerprint", "reader", "location")
_ELSEWHERE = {
    ("invoice", "subscription"): ("parent", "subscription_details", "subscription"),
    ("invoice", "last_finalization_error_code"): ("last_finalization_error", "code"),
    ("invoice", "last_finalization_error_type"): ("last_finalization_error", "type"),
}
"""Fields that stand elsewhere in the object than their name says."""


def check_clause(resource: str, steps: tuple[str, ...], sign: str, value: str | None, *,
                 quoted: bool) -> None:  # fmt: skip
    """Raises `Problem` (400) for a clause that Stripe's search would not take. `value`: None
    stands for `null`."""
    name = ".".join(steps)
    kind = _kind(resource, steps)
    if kind is None:
        raise _wrong(
            f"Field `{name}` is an unsupported search field for resource `{resource}s`. It has "
            f"{', '.join([*_FIELDS[resource], 'metadata'])}."
        )
    if sign not in ":~" and kind != "numeric":
        raise _wrong(f"`{sign}` compares numbers; `{name}` is a text: it takes `:`.")
    if value is None:
        return
    if kind == "numeric":
        _check_number(name, sign, value)
        return
    if not quoted:
        raise _wrong(
            f"The value of `{name}` is a text and stands in quotes: {name}{sign}'{value}'."
        )
    if sign == "~" and kind != "string":
        raise _wrong(f"`{name}` is matched whole: it takes `:`, not `~`.")
    if sign == "~" and len(value) < SHORTEST:
        raise _wrong(f"`~` takes at least {SHORTEST} characters; {value!r} has {len(value)}.")


def place_of(resource: str, steps: tuple[str, ...]) -> tuple[str, ...]:
    """The way to a field within the object."""
    return _ELSEWHERE.get((resource, steps[0]), steps)


def _kind(resource: str, steps: tuple[str, ...]) -> str | None:
    if steps[0] == "metadata":
        return "token" if len(steps) == 2 else None
    if resource == "charge" and steps[0] == "payment_method_details":
        return "token" if len(steps) == 3 and steps[2] in _CARD_FIELDS else None
    return _FIELDS[resource].get(".".join(steps))


def _check_number(name: str, sign: str, value: str) -> None:
    if sign == "~":
        raise _wrong(f"`{name}` is a number: it takes `:`, `>`, `<`, `>=` and `<=`.")
    try:
        float(value)
    except ValueError:
        raise _wrong(f"`{name}` is a number; {value!r} is none.") from None


def _wrong(message: str) -> Problem:
    return invalid_request(message, param="query")
