"""Amounts as people read them: `4.47 USD`.

What is said about a wrong amount in a request is in `values` and `currencies`.
"""

from __future__ import annotations

from stripe_flows.engine.types import JSONValue

from .currencies import THREE_DECIMAL, ZERO_DECIMAL


def amount_text(amount: int, currency: str) -> str:
    """Format an amount, given in the smallest unit of the currency: `49.00 EUR`."""
    digits = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
    sign, whole = "-" if amount < 0 else "", abs(amount)
    if digits == 0:
        return f"{sign}{whole:,} {currency.upper()}"
    units, rest = divmod(whole, 10**digits)
    return f"{sign}{units:,}.{rest:0{digits}} {currency.upper()}"


def written(amount: JSONValue, currency: JSONValue) -> str:
    """Format an amount as it stands in a request or an answer."""
    if amount is None or isinstance(amount, bool | list | dict):
        return "no amount"
    try:
        whole = int(amount)
    except ValueError:
        return str(amount)
    if not isinstance(currency, str) or not currency:
        return f"{whole} in the smallest unit"
    return amount_text(whole, currency.lower())
