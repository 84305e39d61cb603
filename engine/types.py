"""The types of JSON values."""

from __future__ import annotations

from typing import TypeAlias

from typing_extensions import TypeAliasType

JSONValue = TypeAliasType(
    "JSONValue",
    "bool | int | float | str | list[JSONValue] | dict[str, JSONValue] | None",
)
"""A JSON value. A named alias, so that pydantic can follow the recursion."""

JSONObject: TypeAlias = dict[str, JSONValue]
