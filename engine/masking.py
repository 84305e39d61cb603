"""Mask card numbers, bank accounts, security codes and keys, which no record may keep.

The record of a run keeps the requests, sealed. PCI DSS (requirement 3.3) forbids keeping a card's
security code at all, and its number unmasked. A Stripe key is sealed on its own and kept nowhere
else. The names are Stripe's parameters, and people's names for the same in `params`.
"""

from __future__ import annotations

import re

from .redact import redact
from .types import JSONObject, JSONValue

HIDDEN = "•••"

_WHOLE = re.compile(
    r"cvc|cvv|(?:^|_)(?:csc|pin|nonce|payload)$|security_?code|pass(?:word|phrase|wd)|secret"
    r"|private_?key|api_?key|cryptogram|encrypted_number|persistent_token|(?:^|_)ssn|(?:^|_)id_number",
    re.IGNORECASE,
)
_LAST_FOUR = re.compile(r"^number$|(?:card|account)_?number|(?:^|_)iban$", re.IGNORECASE)
_CARD = re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])")


def masked(value: JSONValue) -> JSONValue:
    """Return the value without card numbers, bank accounts, security codes, secrets and keys."""
    if isinstance(value, dict):
        return masked_object(value)
    if isinstance(value, list):
        return [masked(member) for member in value]
    if isinstance(value, str):
        return masked_text(value)
    if isinstance(value, int) and not isinstance(value, bool) and _CARD.fullmatch(str(value)):
        text = masked_text(str(value))
        return value if text == str(value) else text
    return value


def masked_object(value: JSONObject) -> JSONObject:
    """Return the object as `masked` does."""
    return {redact(name): _member(name, member) for name, member in value.items()}


def masked_text(text: str) -> str:
    """Return the string without keys, and with only the last four digits of card numbers."""
    return _CARD.sub(_unless_no_card, redact(text))


def _member(name: str, value: JSONValue) -> JSONValue:
    if isinstance(value, dict) or value is None or isinstance(value, bool):
        return masked(value)
    if isinstance(value, list):
        return [_member(name, member) for member in value]
    if _WHOLE.search(name):
        return HIDDEN
    if _LAST_FOUR.search(name):
        return _last_four(str(value))
    return masked(value)


def _unless_no_card(found: re.Match[str]) -> str:
    digits = [int(character) for character in found[0] if character.isdigit()]
    return _last_four(found[0]) if _passes_luhn(digits) else found[0]


def _passes_luhn(digits: list[int]) -> bool:
    """Return whether the check digit is right (ISO/IEC 7812-1)."""
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0


def _last_four(text: str) -> str:
    """Mask all but the last four characters; all of them if there are fewer than eight."""
    plain = "".join(character for character in text if character.isalnum())
    return f"{HIDDEN} {plain[-4:]}" if len(plain) >= 8 else HIDDEN
