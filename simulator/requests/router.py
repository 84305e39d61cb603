"""Find the operation of the catalog for a method and a path, with the ids in the path."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import NamedTuple

from stripe_flows.engine.nearest import nearest
from stripe_flows.engine.stripe.catalog import Catalog, Operation

RETRIEVE_ACCOUNT = Operation(
    name="retrieve_own_account",
    method="GET",
    path="/v1/account",
    resource="account",
    verb="retrieve_own",
    parameters=MappingProxyType({"expand": {"list": "string"}}),
    required=frozenset(),
)
"""An operation beside the catalog: clients ask it for the account of their key."""

_PLACE = re.compile(r"\{\w+\}")


class Route(NamedTuple):
    operation: Operation
    ids: tuple[str, ...]


class Router:
    """Finds operations. Literal paths win over paths with ids: `/v1/customers/search`."""

    def __init__(self, catalog: Catalog) -> None:
        operations = list(catalog.operations.values())
        if not any(o.method == "GET" and o.path == "/v1/account" for o in operations):
            operations.append(RETRIEVE_ACCOUNT)
        self._names = {operation.name: operation for operation in operations}
        self._endpoints = {f"{o.method} {o.path}": o for o in operations}
        self._by_length: dict[tuple[str, int], list[tuple[re.Pattern[str], Operation]]] = {}
        for operation in operations:
            pattern = re.compile(_PLACE.sub("([^/]+)", operation.path))
            length = operation.path.count("/")
            self._by_length.setdefault((operation.method, length), []).append((pattern, operation))
        for found in self._by_length.values():
            found.sort(key=lambda entry: entry[1].path.count("{"))

    def find(self, method: str, path: str) -> Route | None:
        for pattern, operation in self._by_length.get((method, path.count("/")), ()):
            match = pattern.fullmatch(path)
            if match is not None:
                return Route(operation, match.groups())
        return None

    def check(self, wanted: str) -> None:
        """Raise ValueError unless this is an operation's name, its endpoint, or a path with ids."""
        method, _, path = wanted.partition(" ")
        if wanted not in self._names and self.find(method, path) is None:
            hint = nearest(wanted, [*self._names, *self._endpoints])
            raise ValueError(f"unknown operation {wanted!r}{hint}")

    @staticmethod
    def _endpoint(operation: Operation) -> str:
        return f"{operation.method} {operation.path}"

    def fits(self, wanted: str | None, name: str, method: str, path: str) -> bool:
        """Return whether a request matches `wanted`.

        `wanted` is `create_payment_intent`, `POST /v1/payment_intents`, `POST
        /v1/payment_intents/{intent}/capture`, or an endpoint with an id. None matches any request.
        """
        if wanted is None or wanted == name or wanted == f"{method} {path}":
            return True
        operation = self._names.get(name)
        return operation is not None and wanted == self._endpoint(operation)
