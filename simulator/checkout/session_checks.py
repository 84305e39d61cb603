"""Checks of a checkout session's parameters, before it is created (API reference, "Sessions")."""

from __future__ import annotations

import re

from stripe_flows.simulator.billing.pricing.prices import check_quantity
from stripe_flows.simulator.money import check_amount
from stripe_flows.simulator.periods import DAY
from stripe_flows.simulator.problems import Problem, invalid_request, parameter_missing
from stripe_flows.simulator.types import Fields

MIN_OPEN = 30 * 60
MAX_OPEN = DAY
"""Shortest and longest time that a session is open, in seconds."""

_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s/?#]+\S*")
_URLS = ("success_url", "cancel_url", "return_url")
_EXCLUSIVE = (
    ("customer", "customer_email"),
    ("customer", "customer_creation"),
    ("allow_promotion_codes", "discounts"),
)
_MODES = {
    "subscription_data": ("subscription",),
    "payment_intent_data": ("payment",),
    "setup_intent_data": ("setup",),
    "customer_creation": ("payment", "setup"),
    "invoice_creation": ("payment",),
}
"""Parameters that belong to one mode."""


def check_session(params: Fields, mode: str, now: int) -> None:
    """Raise `Problem` (400) for parameters that cannot be combined, and for wrong URLs and times."""
    for one, other in _EXCLUSIVE:
        if params.get(one) and params.get(other):
            raise invalid_request(
                f"You may only specify one of these parameters: {one}, {other}.", param=other
            )
    for name, modes in _MODES.items():
        if params.get(name) and mode not in modes:
            raise invalid_request(f"You can not pass `{name}` in `{mode}` mode.", param=name)
    if mode == "setup" and not (params.get("currency") or params.get("payment_method_types")):
        raise parameter_missing("currency")
    for name in _URLS:
        if params.get(name) is not None and not _URL.fullmatch(params[name]):
            raise invalid_request(
                f"Not a valid URL: {params[name]!r}. It begins with a scheme, such as https://.",
                code="url_invalid",
                param=name,
            )
    if params.get("expires_at") is not None:
        _check_expiry(params["expires_at"] - now)


def check_line(row: Fields, price: Fields, path: str) -> None:
    """Raise `Problem` (400) for a wrong quantity of a row."""
    metered = (price["recurring"] or {}).get("usage_type") == "metered"
    if metered:
        return
    if row.get("quantity") is None:
        raise _quantity_missing(path)
    check_quantity(row, f"{path}[quantity]", 1)


def check_total(amount: int, currency: str) -> None:
    """Raise `Problem` (400) for a payment that is too small to be charged, unless nothing is due."""
    if amount:
        check_amount(amount, currency, "line_items")


def _check_expiry(left: int) -> None:
    if not MIN_OPEN <= left <= MAX_OPEN:
        bound = "at least 30 minutes" if left < MIN_OPEN else "at most 24 hours"
        raise invalid_request(
            f"The `expires_at` timestamp must be {bound} from Checkout Session creation.",
            param="expires_at",
        )


def _quantity_missing(path: str) -> Problem:
    return invalid_request(
        f"Quantity is required. Add `quantity` to `{path}`.",
        code="parameter_missing",
        param=f"{path}[quantity]",
    )
