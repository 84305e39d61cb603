"""Amounts and currencies: what Stripe refuses of them (Stripe's document "Supported currencies")."""

from __future__ import annotations

import re

from stripe_flows.local.simulator.problems import invalid_request
from stripe_flows.local.simulator.values import Fields

MAX_AMOUNT = 99_999_999

# The least that is charged, in the smallest unit; other currencies are not checked.
_MINIMUM = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200,
    "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
_CURRENCY = re.compile(r"[a-zA-Z]{3}")


def read_currency(params: Fields) -> str:
    """The currency in lower case. Raises `Problem` for what is no currency code."""
    currency: str = params["currency"]
    if _CURRENCY.fullmatch(currency) is None:
        raise invalid_request(
            f"Invalid currency: {currency}. It takes an ISO code of three letters, such as usd.",
            param="currency",
        )
    return currency.lower()


def least_charge(currency: str) -> int:
    """The least that is charged, in the smallest unit."""
    return _MINIMUM.get(currency, 1)


def check_amount(amount: int, currency: str, param: str = "amount") -> None:
    """Raises `Problem` for an amount that Stripe would not charge; in the smallest unit."""
    if amount < 1:
        raise invalid_request(
            "This value must be at least 1.", code="parameter_invalid_integer", param=param
        )
    if amount > MAX_AMOUNT:
        raise invalid_request(
            f"The amount may be at most {MAX_AMOUNT} in the smallest unit.",
            code="amount_too_large",
            param=param,
        )
    least = least_charge(currency)
    if amount < least:
        raise invalid_request(
            f"The amount must be at least {least} in the smallest unit of {currency}.",
            code="amount_too_small",
            param=param,
        )
