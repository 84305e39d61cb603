"""Translate calls of Stripe's own libraries into calls of a flow.

In `stripe.PaymentIntent.create(…)` and `client.v1.invoices.void_invoice(…)` the class or the service
names a resource, the method a verb. Only the names are read; the catalog has the flow's call.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from stripe_flows.engine.sandbox.builders import setters
from stripe_flows.engine.stripe.catalog import Catalog

from .suggestions import meant_call, snake

_ROOTS = ("stripe", "client", "v1")
"""Names before the resource's own name."""

_OPTIONS = ("idempotency_key", "stripe_account")


def sdk_call(catalog: Catalog, path: Iterable[str], call: ast.Call | None = None) -> str | None:
    """Return how a flow writes `stripe.Refund.create`, whose names are `path`.

    None if it is not clearly such a call. The setters are those for the parameters that `call` names.
    """
    *before, method = path
    resource = _resource(catalog, [name for name in before if name not in _ROOTS])
    meant = meant_call(catalog, resource, method) if resource is not None else None
    if meant is None:
        return None
    begin, _, end = meant.rpartition(".")
    known = setters(catalog, begin.partition("(")[0])
    named = list(_named(call)) if call is not None else []
    set_here = "".join(f".{name}(…)" for name in named if name in known)
    options = ", ".join(f"{name}=…" for name in _OPTIONS if name in named)
    return f"{begin}{set_here}.{end.removesuffix(')')}{options})"


def first_call(catalog: Catalog, nodes: Iterable[ast.AST], name: str) -> str | None:
    """Return the translation of the first call of the libraries that begins with `name`, or None."""
    for call, path in calls_from(nodes):
        if path[0] == name and (message := translated(catalog, call, path)) is not None:
            return message
    return None


def translated(catalog: Catalog, call: ast.Call, path: list[str]) -> str | None:
    """Return `stripe.Refund.create(…) is written new_refund().….create_async()`, or None."""
    meant = sdk_call(catalog, path, call)
    return f"{'.'.join(path)}(…) is written {meant}" if meant is not None else None


def calls_from(nodes: Iterable[ast.AST]) -> Iterator[tuple[ast.Call, list[str]]]:
    """Yield every call that is reached by dots from a name, `a.b.c()`, with its names."""
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            path: list[str] = []
            value: ast.expr = node.func
            while isinstance(value, ast.Attribute):
                path.append(value.attr)
                value = value.value
            if isinstance(value, ast.Name):
                yield node, [value.id, *reversed(path)]


def root(call: ast.Call) -> ast.expr:
    """Return the name that such a call begins with."""
    value = call.func
    while isinstance(value, ast.Attribute):
        value = value.value
    return value


def _resource(catalog: Catalog, names: list[str]) -> str | None:
    """Return the resource of a class or a service: `checkout.Session`, `checkout.sessions`."""
    if not names:
        return None
    *folders, last = map(snake, names)
    whole = "_".join([*map(_one, folders), last])
    for name in (whole, "_".join([*folders, last]), _one(whole)):
        for builder in (name, f"new_{name}", f"{name}s"):
            if builder in catalog.builders:
                return catalog.builders[builder].resource
    return None


def _one(word: str) -> str:
    """Return the singular: `invoices` → `invoice`."""
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word.removesuffix("s") if not word.endswith("ss") else word


def _named(call: ast.Call) -> Iterator[str]:
    """Yield the parameters that a call names, by keywords or in dicts."""
    values = [*call.args]
    for keyword in call.keywords:
        if keyword.arg in ("params", "options"):
            values.append(keyword.value)
        elif keyword.arg is not None:
            yield keyword.arg
    for value in values:
        if isinstance(value, ast.Dict):
            for key in value.keys:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value
