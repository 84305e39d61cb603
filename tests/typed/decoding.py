"""A form, read as a server reads it, and what the same parameters mean: both as texts in dicts.

Lists are dicts by index here, since a form has no other.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote_plus

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")


def decoded(form: str) -> dict[str, Any]:
    """The form's values. Raises AssertionError for what a server would read in no or two ways."""
    found: dict[str, Any] = {}
    for pair in form.split("&") if form else []:
        key, equals, text = pair.partition("=")
        assert equals, pair
        # Brackets may come escaped, as they do in a URL: a name has none of its own.
        whole = _KEY.fullmatch(unquote_plus(key, errors="strict"))
        assert whole is not None, key
        *parts, last = (whole[1], *_PART.findall(whole[2]))
        table = found
        for part in parts:
            table = table.setdefault(part, {})
            assert isinstance(table, dict), key
        assert last not in table, key
        table[last] = unquote_plus(text, errors="strict")
    return found


def meant(value: Any) -> Any:
    """What a server has to read of a value; of what is empty, or None, nothing."""
    if isinstance(value, dict):
        kept = {str(name): meant(member) for name, member in value.items()}
        return {name: member for name, member in kept.items() if member not in (None, {})}
    if isinstance(value, list | tuple):
        members = [m for one in value if (m := meant(one)) not in (None, {})]
        return {str(index): member for index, member in enumerate(members)}
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return str(int(value.timestamp()))
    if isinstance(value, float | Decimal):
        plain = format(Decimal(str(value)), "f")
        return plain.removesuffix(".0") if isinstance(value, float) else plain
    return None if value is None else str(value)
