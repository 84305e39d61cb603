"""Amounts and currencies, with Stripe's limits (Stripe's document "Supported currencies")."""

from __future__ import annotations

from stripe_flows.engine.stripe.currencies import CURRENCIES, LISTED, ZERO_DECIMAL

from .problems import at_least, invalid_request
from .types import Fields

MAX_AMOUNT = 99_999_999

# Currencies with small units allow more digits.
_MAXIMUM = {"cop": 10**10 - 1, "idr": 10**12 - 1, "inr": 10**9 - 1}

# Smallest charge, in the smallest unit; other currencies are not checked.
_MINIMUM = {
    "aed": 200, "ars": 50, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "cop": 50,
    "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "idr": 50, "ils": 50,
    "inr": 50, "jpy": 50, "krw": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "php": 50,
    "pln": 200, "ron": 200, "rub": 50, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50, "zar": 50,
}  # fmt: skip
_SIGNS = {"eur": "€", "gbp": "£", "inr": "₹", "jpy": "¥", "usd": "$"}


def read_currency(params: Fields) -> str:
    """Return the currency in lower case. Raise `Problem` (400) for an unknown one."""
    currency: str = params["currency"]
    if currency.lower() not in CURRENCIES:
        raise invalid_request(
            f"Invalid currency: {currency.lower()}. Stripe currently supports these currencies: "
            + LISTED,
            param="currency",
        )
    return currency.lower()


def least_charge(currency: str) -> int:
    """Return the smallest charge, in the smallest unit."""
    return _MINIMUM.get(currency, 1)


def check_amount(amount: int, currency: str, param: str = "amount") -> None:
    """Raise `Problem` (400) for an amount that is too small or too large; in the smallest unit."""
    if amount < 1:
        raise at_least(1, param)
    most = _MAXIMUM.get(currency, MAX_AMOUNT)
    if amount > most:
        raise invalid_request(
            f"Amount must be no more than {shown_amount(most, currency)}",
            code="amount_too_large",
            param=param,
        )
    least = least_charge(currency)
    if amount < least:
        raise invalid_request(
            f"Amount must be at least {shown_amount(least, currency)}",
            code="amount_too_small",
            param=param,
        )


def shown_amount(amount: int, currency: str) -> str:
    """Return an amount for people: `$0.50 usd`."""
    sign = _SIGNS.get(currency, "")
    if currency in ZERO_DECIMAL:
        return f"{sign}{amount} {currency}"
    return f"{sign}{amount // 100:,}.{amount % 100:02} {currency}"
