"""Descriptions of the lines of a subscription's invoice, worded like Stripe's.

Amounts in currencies without a known symbol are followed by the currency's code.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from stripe_flows.engine.stripe.currencies import ZERO_DECIMAL
from stripe_flows.simulator.types import Fields

_SYMBOLS = {"eur": "€", "gbp": "£", "jpy": "¥", "usd": "$"}


def of_period(name: str, price: Fields, quantity: int) -> str:
    """Return `5 × Tea (at $10.00 / month)`. A tiered price has no single amount to show."""
    exact = price["unit_amount_decimal"] or price["unit_amount"]
    if exact is None:
        return f"{quantity} × {name}"
    recurring = price["recurring"]
    count, unit = recurring["interval_count"], recurring["interval"]
    often = unit if count == 1 else f"every {count} {unit}s"
    return f"{quantity} × {name} (at {_amount(exact, price['currency'])} / {often})"


def of_proration(what: str, name: str, quantity: int | None, moment: int) -> str:
    """Return `Unused time on 5 × Tea after 11 Jan 2024`. `what`: Unused or Remaining."""
    day = datetime.fromtimestamp(moment, UTC)
    many = "" if quantity in (None, 1) else f"{quantity} × "
    return f"{what} time on {many}{name} after {day.day:02d} {day:%b %Y}"


def _amount(exact: str | int, currency: str) -> str:
    whole = Decimal(exact)
    if currency in ZERO_DECIMAL:
        text = f"{whole.normalize():f}"
    else:
        units = whole / 100
        text = f"{units:.2f}" if units == round(units, 2) else f"{units.normalize():f}"
    symbol = _SYMBOLS.get(currency)
    return f"{currency.upper()} {text}" if symbol is None else f"{symbol}{text}"
