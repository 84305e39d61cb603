"""The test card behind a name, a number or a stored payment method.

A stored one is known by its fingerprint, which is the same for the same number, as at Stripe.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from types import MappingProxyType

from stripe_flows.simulator.card_numbers import NAMED, OF_COUNTRIES, UNNAMED, Card
from stripe_flows.simulator.values import Fields

_VISA = NAMED["visa"]
_BY_COUNTRY = {
    code: replace(_VISA, number=number, country=code.upper())
    for code, number in (pair.split() for pair in OF_COUNTRIES.split(","))
}
_BY_NUMBER = {
    card.number: card for card in (*_BY_COUNTRY.values(), *UNNAMED, *reversed(NAMED.values()))
}
_BRANDS = (
    ("amex", r"3[47]"), ("diners", r"3[0689]"), ("jcb", r"35"), ("mastercard", r"5[1-5]|2[2-7]"),
    ("unionpay", r"62"), ("discover", r"6"), ("visa", r"4"),
)  # fmt: skip


def fingerprint(number: str) -> str:
    """What a number of a card or of an account is known by, 16 characters."""
    return hashlib.sha256(number.encode()).hexdigest()[:16]


_BY_FINGERPRINT = MappingProxyType(
    {fingerprint(number): card for number, card in _BY_NUMBER.items()}
)


def named_card(name: str) -> Card | None:
    """The card of a test payment method (`pm_card_visa`) or token (`tok_visa`)."""
    for prefix in ("pm_card_", "tok_"):
        if name.startswith(prefix):
            name = name.removeprefix(prefix)
            break
    else:
        return None
    # Most declining cards have a second name with the brand in it.
    return NAMED.get(name) or NAMED.get(name.removeprefix("visa_")) or _BY_COUNTRY.get(name)


def numbered_card(number: str) -> Card:
    """The test card with this number; any other number pays, as 4242… does."""
    known = _BY_NUMBER.get(number)
    if known is not None:
        return known
    brand = next((name for name, begin in _BRANDS if re.match(begin, number)), "visa")
    return replace(_VISA, number=number, brand=brand)


def is_number(text: str) -> bool:
    """Whether it can be a card's number: its digits, and the last one by Luhn's rule."""
    if not text.isdecimal() or not 12 <= len(text) <= 19:
        return False
    digits = [int(digit) for digit in reversed(text)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def card_of(payment_method: Fields) -> Card:
    """What the card behind a stored payment method, a source or a charge does."""
    shown = payment_method.get("card") or payment_method
    return _BY_FINGERPRINT.get(shown.get("fingerprint") or "", _VISA)
