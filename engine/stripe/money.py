"""An amount as people write it: 4.47 USD."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from stripe_flows.engine.types import JSONValue

# Stripe's document "Supported currencies": ugx is in hundredths though it has no fractions.
_WITHOUT_DECIMALS = frozenset(
    {"bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
     "xof", "xpf"}
)  # fmt: skip
_THREE_DECIMALS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})


def written(amount: JSONValue, currency: JSONValue) -> str:
    """Return an amount in the smallest unit, as `4.47 USD`; without its unit if that is not known."""
    if isinstance(amount, bool) or not isinstance(amount, int | float | str):
        return "no amount"
    if not isinstance(currency, str) or not currency:
        return f"{amount} (in the smallest unit)"
    code = currency.lower()
    decimals = 0 if code in _WITHOUT_DECIMALS else 3 if code in _THREE_DECIMALS else 2
    try:
        units = Decimal(str(amount)).scaleb(-decimals)
    except InvalidOperation:
        return "no amount"
    return f"{units:.{decimals}f} {code.upper()}"
