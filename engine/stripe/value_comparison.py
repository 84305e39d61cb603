"""Compare one value of a request with the one that Stripe shows. `likeness` compares the whole object.

Stripe trims strings, changes their case, expands ids to objects and turns numbers into strings. None
of this makes another value. If it cannot be decided, the verdict is `unclear`: a wrong "other" would
refuse the right object.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Literal, TypeAlias

from stripe_flows.engine.types import JSONValue

from .form import form_text

Verdict: TypeAlias = Literal["same", "other", "unclear"]
"""`unclear`: the two values are not in a form that can be compared."""

SHORTHAND = ("pm_card_", "pm_us", "pm_sepa", "tok_", "btok_", "src_card")
"""The prefixes of Stripe's test payment methods (Stripe's document "Testing"): each use of one makes
an object with another id."""
_TEXT_IS_ID = re.compile(r"[a-z]+(?:_[a-z]+)*_[A-Za-z0-9]+")
_PERCENT_STEP = Decimal("0.01")
"""The step to which Stripe rounds a percentage."""
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")


def verdict_of(name: str, value: JSONValue, shown: JSONValue) -> Verdict:
    """Compare the requested value of the parameter `name` with the shown one."""
    if isinstance(shown, dict):
        shown = shown.get("id")  # an expanded object
    if value == "" or value is False:
        return "same" if shown in (None, "", False, [], "false") else _either(value, shown)
    if value is None or shown is None or isinstance(value, dict | list):
        return "unclear"
    if isinstance(shown, dict | list):
        return "unclear"
    if isinstance(value, bool) or isinstance(shown, bool):
        return "same" if form_text(value).lower() == form_text(shown).lower() else "other"
    one, other = _number(value), _number(shown)
    if one is not None and other is not None:
        near = _PERCENT_STEP if name.startswith("percent") else Decimal(0)
        return "same" if abs(one - other) <= near else "other"
    if one is not None or other is not None:
        # Such as `now` against a time. Two strings, digits against a name, surely differ.
        return "unclear" if not (isinstance(value, str) and isinstance(shown, str)) else "other"
    return _texts(name, str(value), str(shown))


def _either(value: JSONValue, shown: JSONValue) -> Verdict:
    return "other" if isinstance(shown, str | bool | int | float) else "unclear"


def _texts(name: str, value: str, shown: str) -> Verdict:
    if value.startswith(SHORTHAND) and value != shown:
        return "unclear"
    if _TEXT_IS_ID.fullmatch(value) and _TEXT_IS_ID.fullmatch(shown):
        return "same" if value == shown else "other"
    if name == "phone":
        return "same" if _only(str.isdigit, value) == _only(str.isdigit, shown) else "unclear"
    if name == "value":
        return "same" if _only(str.isalnum, value) == _only(str.isalnum, shown) else "other"
    return "same" if plain_text(value).rstrip("/") == plain_text(shown).rstrip("/") else "other"


def _only(keep: Callable[[str], bool], text: str) -> str:
    return "".join(filter(keep, text)).casefold()


def plain_text(value: str) -> str:
    """Normalize what Stripe may change in a string: case and white space."""
    return " ".join(unicodedata.normalize("NFC", value).casefold().split())


def _number(value: JSONValue) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        return None
    try:
        return Decimal(str(value).strip())
    except InvalidOperation:
        return None
