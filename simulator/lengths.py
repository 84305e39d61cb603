"""How long a text may be: the `maxLength` of Stripe's specification, where it limits it."""

from __future__ import annotations

from typing import Any

from stripe_flows.engine.stripe.catalog import Operation
from stripe_flows.simulator.problems import invalid_request
from stripe_flows.simulator.values import Fields

MAX_TEXT = 5000
_SHORT = {"email": 512}
_PRODUCT_DESCRIPTION = 40_000

_UNLIMITED = frozenset({"evidence", "metadata", "payload", "request"})
"""What is below these has limits of its own."""


def check_lengths(operation: Operation, params: Fields) -> None:
    """Raises `Problem` (400) for the first text that is too long."""
    of_product = operation.path.startswith("/v1/products")
    _check(params, "", of_product=of_product)


def _check(value: Any, path: str, *, of_product: bool) -> None:
    if isinstance(value, dict):
        for name, member in value.items():
            if name not in _UNLIMITED:
                inner = f"{path}[{name}]" if path else name
                _check(member, inner, of_product=of_product or name == "product_data")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            _check(member, f"{path}[{index}]", of_product=of_product)
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
