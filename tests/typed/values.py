"""Values for the typed parameters of the `stripe` package, drawn by chance.

They are such as a script would give: texts with all that a form has to escape, Decimals, nothing
that is empty where it is required.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from random import Random
from typing import Any

from tests.typed.types import fields_of, is_table, literals, member_of, options_of

TEXTS = (
    "a",
    "cus_1",
    "usd",
    "Ä & [b]=%2F+ c",
    "日本語 🎉",
    "x" * 60,
    " ",
    "0",
    "true",
    "null",
    "line\nline\ttab",
    "'\"\\",
    "a%00b#?;",
)
INTEGERS = (0, 1, 7, -5, 2000, 1_800_000_000, 2**31, 10**15)
FLOATS = (0.5, 0.1, 2.25, -7.125, 12.375, Decimal("12.5"))
DECIMALS = (Decimal("1.50"), Decimal("0.000001"), Decimal("12"), Decimal("-3.25"), 3, 1.5)
KEYS = ("order-id", "key one", "ä", "a.b", "x&y=z", "0")


class Values:
    """Draws values. `share` of the optional fields are filled, 1.0: all; those of an object that is
    `depth` objects deep only where they are required. `unsets`: also what unsets a value."""

    def __init__(
        self, chance: Random, *, share: float, depth: int = 20, unsets: bool = True
    ) -> None:
        self._chance = chance
        self._share = share
        self._depth = depth
        self._unsets = unsets

    def params(self, table: Any) -> dict[str, Any]:
        """Parameters of an operation."""
        return {} if table is None else self._table(table, 0)

    def _table(self, table: Any, depth: int) -> dict[str, Any]:
        fields, required = fields_of(table)
        chosen = {n for n in fields if n in required or self._takes(depth)}
        if not chosen and depth and fields:
            # An empty object says nothing in a form.
            chosen = {self._chance.choice(list(fields))}
        return {n: self._value(one, n, depth + 1) for n, one in fields.items() if n in chosen}

    def _takes(self, depth: int) -> bool:
        return depth < self._depth and self._chance.random() < self._share

    def _value(self, kind: Any, name: str, depth: int) -> Any:
        options = options_of(kind)
        if len(options) > 1 and not self._unsets:
            options = [one for one in options if literals(one) != ("",)]
        one = self._chance.choice(options)
        values = literals(one)
        if values is not None:
            return self._chance.choice([v for v in values if v != "" or values == ("",)])
        if is_table(one):
            return self._table(one, depth)
        if (member := member_of(one, list)) is not None:
            return [self._value(member, name, depth) for _ in range(self._chance.randint(1, 3))]
        if (member := member_of(one, dict)) is not None:
            keys = self._chance.sample(KEYS, self._chance.randint(1, 3))
            return {key: self._value(member, key, depth) for key in keys}
        return self._scalar(one)

    def _scalar(self, kind: Any) -> Any:
        choices: Mapping[Any, tuple[Any, ...]] = {
            str: TEXTS,
            Any: TEXTS,
            int: INTEGERS,
            float: FLOATS,
            Decimal: DECIMALS,
            bool: (True, False),
        }
        return self._chance.choice(choices[kind])


def as_recorded(value: Any) -> Any:
    """The value as the sandbox hands it out: JSON, with a Decimal as text."""
    if isinstance(value, dict):
        return {name: as_recorded(member) for name, member in value.items()}
    if isinstance(value, list):
        return [as_recorded(member) for member in value]
    return format(value, "f") if isinstance(value, Decimal) else value
