"""List everything that scripts can call, for people and programs: `stripe-flows operations`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from heapq import nlargest

from stripe_flows.engine.continuation import flow_for
from stripe_flows.engine.sandbox.builders import written
from stripe_flows.engine.stripe.catalog import Catalog, Method


@dataclass(frozen=True)
class Listed:
    """One operation: how a script calls it, its request, and the flows that continue its answers.

    In `call` an id is named like its place in the path; `id` is the resource's own. `reached` is false
    if Stripe has it on another host than its API's, which stripe-flows does not call.
    """

    operation: str
    resource: str
    call: str
    method: Method
    path: str
    flows: tuple[str, ...]
    reached: bool


def listed(catalog: Catalog) -> Iterator[Listed]:
    """Yield every operation of the catalog, by the name of its resource and then its own."""
    for operation in sorted(catalog.operations.values(), key=lambda one: (one.resource, one.name)):
        yield Listed(
            operation=operation.name,
            resource=operation.resource,
            call=written(operation),
            method=operation.method,
            path=operation.path,
            flows=(flow_for(operation.name, "response"), flow_for(operation.name, "error")),
            reached=operation.host == "api",
        )


def matching(rows: list[Listed], word: str) -> list[Listed]:
    """Return the rows that have `word` in the operation's name, the call or the path."""
    wanted = word.casefold()
    return [
        row
        for row in rows
        if any(wanted in text.casefold() for text in (row.operation, row.call, row.path))
    ]


def nearest_operations(rows: list[Listed], word: str, count: int = 3) -> list[str]:
    """Return the operations whose names are nearest to `word`, as a whole or in one of their parts."""
    wanted = word.casefold()
    length = wanted.count("_") + 1

    def score(name: str) -> float:
        parts = name.split("_")
        pieces = ["_".join(parts[at : at + length]) for at in range(len(parts) - length + 1)]
        return max(SequenceMatcher(None, wanted, piece).ratio() for piece in (name, *pieces))

    return nlargest(count, (row.operation for row in rows), key=score)
