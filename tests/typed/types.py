"""The types of the `stripe` package's parameters, taken apart.

A type is, after its options are told apart: a TypedDict, `str`, `int`, `float`, `bool`, `Decimal`,
`Any`, `List[...]`, `Dict[str, ...]`, or a `Literal[...]`.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any

import typing_extensions
from stripe._request_options import RequestOptions
from stripe._stripe_object import UntypedStripeObject

_NAMES = {"StripeContext": object, "Mapping": Mapping}
"""What the package's types name and import for type checkers only."""

_ALSO_TEXT = {("TokenCreateParams", "bank_account")}
"""Where Stripe takes a text though the package's types do not say so: npm's types do."""

_UNIONS = (typing.Union, types.UnionType)
_LITERALS = (typing.Literal, typing_extensions.Literal)
_OPTIONAL = (typing.NotRequired, typing_extensions.NotRequired)


@cache
def fields_of(table: Any) -> tuple[Mapping[str, Any], frozenset[str]]:
    """A TypedDict's fields with their types, and the names of those that are required. Options of
    the request, such as an API key, are none of them."""
    hints = typing.get_type_hints(table, None, _NAMES, include_extras=True)
    if hints.keys() >= RequestOptions.__annotations__.keys():
        hints = {n: one for n, one in hints.items() if n not in RequestOptions.__annotations__}
    required = [n for n, one in hints.items() if typing.get_origin(one) not in _OPTIONAL]
    bare = {
        name: typing.get_args(one)[0] if name not in required else one
        for name, one in hints.items()
    }
    for name in bare:
        if (table.__name__, name) in _ALSO_TEXT:
            bare[name] = bare[name] | str
    return bare, frozenset(required)


def options_of(kind: Any) -> list[Any]:
    """The types that a value may have: those of a union, or the type itself."""
    if typing.get_origin(kind) in _UNIONS:
        return [one for part in typing.get_args(kind) for one in options_of(part)]
    # An untyped object says once more what the Dict beside it says.
    return [] if typing.get_origin(kind) is UntypedStripeObject else [kind]


def is_table(kind: Any) -> bool:
    return typing_extensions.is_typeddict(kind)


def literals(kind: Any) -> tuple[Any, ...] | None:
    """The values of a Literal, None if it is none."""
    return typing.get_args(kind) if typing.get_origin(kind) in _LITERALS else None


def member_of(kind: Any, of: type) -> Any:
    """The type of the members of a list or dict, None if `kind` is not one."""
    return typing.get_args(kind)[-1] if typing.get_origin(kind) is of else None


def is_open(kind: Any) -> bool:
    """Whether any text may be sent."""
    return any(one in (str, Any) for one in options_of(kind))
