"""Fields and operators of the search (Stripe's document "Search", the query fields)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from stripe_flows.simulator.problems import Problem, invalid_request

SHORTEST = 3
"""Fewest characters that `~` accepts."""

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
"""Fields whose path in the object differs from their name in a query."""


def check_clause(resource: str, steps: tuple[str, ...], sign: str, value: str | None, *,
                 quoted: bool) -> None:  # fmt: skip
    """Raise `Problem` (400) for a clause that Stripe's search refuses.

    `value`: None stands for `null`.
    """
    name = ".".join(steps)
    kind = _kind(resource, steps)
    if kind is None:
        raise _wrong(
            f"Field `{name}` is an unsupported search field for resource `{resource}s`. It has "
            f"{', '.join([*_FIELDS[resource], 'metadata'])}."
        )
    if sign not in ":~" and kind != "numeric":
        raise _wrong(f"`{sign}` compares numbers; `{name}` is a string: use `:`.")
    if value is None:
        return
    if kind == "numeric":
        _check_number(name, sign, value)
        return
    if not quoted:
        raise _wrong(f"The value of `{name}` is a string; put it in quotes: {name}{sign}'{value}'.")
    if sign == "~" and kind != "string":
        raise _wrong(f"`{name}` matches whole values: use `:`, not `~`.")
    if sign == "~" and len(value) < SHORTEST:
        raise _wrong(f"`~` needs at least {SHORTEST} characters; {value!r} has {len(value)}.")


def place_of(resource: str, steps: tuple[str, ...]) -> tuple[str, ...]:
    """Return the path of a field in the object."""
    return _ELSEWHERE.get((resource, steps[0]), steps)


def _kind(resource: str, steps: tuple[str, ...]) -> str | None:
    if steps[0] == "metadata":
        return "token" if len(steps) == 2 else None
    if resource == "charge" and steps[0] == "payment_method_details":
        return "token" if len(steps) == 3 and steps[2] in _CARD_FIELDS else None
    return _FIELDS[resource].get(".".join(steps))


def _check_number(name: str, sign: str, value: str) -> None:
    if sign == "~":
        raise _wrong(f"`{name}` is a number: use `:`, `>`, `<`, `>=` or `<=`.")
    try:
        float(value)
    except ValueError:
        raise _wrong(f"`{name}` is a number; {value!r} is not a number.") from None


def _wrong(message: str) -> Problem:
    return invalid_request(message, param="query")
