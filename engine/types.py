"""The shapes that are used everywhere: JSON values."""

from __future__ import annotations

from typing import TypeAlias

from typing_extensions import TypeAliasType

JSONValue = TypeAliasType(
    "JSONValue",
    "bool | int | float | str | list[JSONValue] | dict[str, JSONValue] | None",
)
"""What JSON can hold. A named alias, so that pydantic can follow the recursion."""

JSONObject: TypeAlias = dict[str, JSONValue]
