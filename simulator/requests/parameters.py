"""Typed parameters from a parsed form, by the catalog, or the 400 that Stripe would answer.

Codes as in Stripe's "Error codes": parameter_unknown, parameter_missing, parameter_invalid_integer,
parameter_invalid_empty. An enum value that the catalog does not list is refused, as at Stripe. The
limits of string lengths are the `maxLength` of Stripe's specification.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

from stripe_flows.engine.stripe.catalog import Catalog, Operation, Shape
from stripe_flows.simulator.problems import (
    Problem,
    invalid_request,
    parameter_missing,
    parameter_unknown,
)
from stripe_flows.simulator.types import Fields

from .form import Form

# Stripe API reference, "Metadata".
METADATA_KEYS, METADATA_NAME, METADATA_VALUE = 50, 40, 500

_INTEGER = re.compile(r"-?[0-9]{1,18}")
_DECIMAL = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)")
_INDEX = re.compile(r"[0-9]{1,9}")

_UNSETTABLE = frozenset(
    {("update_payment_intent", "payment_method"), ("update_setup_intent", "payment_method")}
)
"""Parameters that an empty string unsets although their type does not say so."""

_TAKEN_AWAY = MappingProxyType({"payment_method_types": "payment_method_types_no_longer_supported"})
"""Parameters of intents that this API version removed, and the error code for them."""

_ONCE_TYPED = frozenset(
    {"create_payment_intent", "update_payment_intent", "confirm_payment_intent",
     "create_setup_intent", "update_setup_intent"}
)  # fmt: skip


class ParameterReader:
    """Reads forms as the parameters of an operation."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def read(self, operation: Operation, form: Form) -> Fields:
        """Return typed parameters; an unset one is None.

        Raise `Problem` (400) for the first mistake.
        """
        if operation.name in _ONCE_TYPED:
            for name, code in _TAKEN_AWAY.items():
                if name in form:
                    raise invalid_request(
                        f"`{name}` is no longer supported in this API version. Use "
                        "`allowed_payment_method_types` or dynamic payment methods instead.",
                        code=code,
                        param=name,
                    )
        unset = {name: None for name in form if _is_unset(operation.name, name, form[name])}
        given = {name: value for name, value in form.items() if name not in unset}
        read = self._fields(operation.parameters, operation.required, given, "")
        check_lengths(operation, read)
        return unset | read

    def _fields(
        self, shapes: Mapping[str, Shape], required: frozenset[str], form: Form, path: str
    ) -> Fields:
        for name in form:
            if name not in shapes:
                raise parameter_unknown(_join(path, name))
        for name in sorted(required - form.keys()):
            raise parameter_missing(_join(path, name))
        return {
            name: self._value(shapes[name], value, _join(path, name))
            for name, value in form.items()
        }

    def _value(self, shape: Shape, value: str | Form, path: str) -> Any:
        shape = self._catalog.resolve(shape)
        if isinstance(shape, str):
            return _scalar(shape, value, path)
        table = cast("dict[str, Any]", shape)
        if "unset" in table:
            return None if value == "" else self._value(table["unset"], value, path)
        if "any_of" in table:
            return self._any_of(table["any_of"], value, path)
        if "enum" in table:
            return _enum(table["enum"], _scalar("string", value, path), path)
        if isinstance(value, str):
            kind = "array" if "list" in table else "object"
            raise invalid_request(f"Invalid {kind}", param=path)
        if "list" in table:
            return self._list(table["list"], value, path)
        if "map" in table:
            if path.endswith("metadata"):
                _check_metadata(value, path)
            # An empty string removes the key; whoever merges the map knows from what.
            return {
                name: "" if member == "" else self._value(table["map"], member, _join(path, name))
                for name, member in value.items()
            }
        shapes, required = self._catalog.object_fields(table["object"])
        return self._fields(shapes, required, value, path)

    def _list(self, shape: Shape, value: Form, path: str) -> list[Any]:
        if not all(_INDEX.fullmatch(name) for name in value):
            raise invalid_request("Invalid array", param=path)
        ordered = sorted(value.items(), key=lambda member: int(member[0]))
        return [self._value(shape, member, _join(path, name)) for name, member in ordered]

    def _any_of(self, shapes: list[Shape], value: str | Form, path: str) -> Any:
        first: Problem | None = None
        for shape in shapes:
            try:
                return self._value(shape, value, path)
            except Problem as problem:
                first = first or problem
        raise first or invalid_request("Invalid value", param=path)


def _check_metadata(value: Form, path: str) -> None:
    if len(value) > METADATA_KEYS:
        raise invalid_request(f"Metadata accepts at most {METADATA_KEYS} keys.", param=path)
    for name, member in value.items():
        if len(name) > METADATA_NAME or len(member) > METADATA_VALUE:
            raise invalid_request(
                f"Metadata accepts names of at most {METADATA_NAME} and values of at most "
                f"{METADATA_VALUE} characters.",
                param=path,
            )


def _scalar(shape: str, value: str | Form, path: str) -> Any:
    if not isinstance(value, str):
        raise invalid_request(f"Invalid {'string' if shape == 'any' else shape}", param=path)
    if value == "" and shape != "any":
        raise invalid_request(
            f"An empty string for '{path}' asks to unset it, but '{path}' cannot be unset. "
            "Leave it out, or give it a value.",
            code="parameter_invalid_empty",
            param=path,
        )
    match shape:
        case "integer" | "timestamp":
            if _INTEGER.fullmatch(value) is None:
                raise invalid_request(
                    f"Invalid integer: {value}", code="parameter_invalid_integer", param=path
                )
            return int(value)
        case "boolean":
            if value not in ("true", "false"):
                raise invalid_request(f"Invalid boolean: {value}", param=path)
            return value == "true"
        case "number" | "decimal":
            if _DECIMAL.fullmatch(value) is None:
                raise invalid_request(f"Invalid decimal: {value}", param=path)
            return float(value) if shape == "number" else value
        case _:
            return value


def _is_unset(operation: str, name: str, value: str | Form) -> bool:
    return value == "" and (operation, name) in _UNSETTABLE


def _enum(values: list[Any], value: str, path: str) -> str:
    if value in values:
        return value
    named = ", ".join(str(known) for known in values[:-1])
    listed = f"{named}, or {values[-1]}" if named else str(values[-1])
    raise invalid_request(f"Invalid {path}: must be one of {listed}", param=path)


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


MAX_TEXT = 5000
_SHORT = {"email": 512}
_PRODUCT_DESCRIPTION = 40_000

_UNLIMITED = frozenset({"evidence", "metadata", "payload", "request"})
"""Parameters with limits of their own below them."""


def check_lengths(operation: Operation, params: Fields) -> None:
    """Raise `Problem` (400) for the first string that is too long."""
    of_product = operation.path.startswith("/v1/products")
    _check_length(params, "", of_product=of_product)


def _check_length(value: Any, path: str, *, of_product: bool) -> None:
    if isinstance(value, dict):
        for name, member in value.items():
            if name not in _UNLIMITED:
                inner = f"{path}[{name}]" if path else name
                _check_length(member, inner, of_product=of_product or name == "product_data")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            _check_length(member, f"{path}[{index}]", of_product=of_product)
    elif isinstance(value, str) and len(value) > 500:
        name = path.rpartition("[")[2].rstrip("]")
        most = _SHORT.get(name, MAX_TEXT)
        if of_product and name == "description":
            most = _PRODUCT_DESCRIPTION
        if len(value) > most:
            raise invalid_request(
                f"Invalid string: {value[:10]}...{value[-10:]}; must be at most {most} characters",
                param=path,
            )
