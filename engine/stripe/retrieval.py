"""Retrievals: find the operation, and its path, that reads what a call made or changed."""

from __future__ import annotations

from urllib.parse import quote, unquote

from stripe_flows.engine.errors import InputError

from .catalog import Operation, stripe_catalog
from .value_comparison import SHORTHAND

_ANSWERS_WITH_ANOTHER = frozenset({"reverse_payout", "refund_test_helpers_issuing_transaction"})
"""Operations on an existing object that may answer with a new one of the same kind."""


def retrieval_of(operation: Operation) -> Operation | None:
    """Return the operation that retrieves the object in an answer; None if there is none."""
    operations = stripe_catalog().operations
    for resource in (operation.resource, operation.answers.replace(".", "_")):
        found = operations.get(f"retrieve_{resource}")
        if found is not None:
            return found
    return None


def retrieval_path(retrieval: Operation, path: str, object_id: str) -> str:
    """Return the path that retrieves the object.

    The last id is the object's. The ids before it are taken from `path`, the path of the call that
    made it (`/v1/customers/cus_1/tax_ids/…`). Raises InputError if that has too few of them.
    """
    known = path.split("/")
    parts = retrieval.path.split("/")
    places = [index for index, part in enumerate(parts) if part.startswith("{")]
    for index in places[:-1]:
        if known[:index] != parts[:index]:
            raise InputError(
                f"{retrieval.path} needs more than one id, which the call does not name"
            )
        parts[index] = known[index]
    for index in places[-1:]:
        parts[index] = quote(object_id, safe="")
    return "/".join(parts)


def own_id(operation: Operation, path: str) -> str | None:
    """Return the id in `path` of the object that `operation` answers with.

    Return None for an operation that makes a new object, and for a test payment method's name.
    """
    place = _own_place(operation)
    parts = path.removeprefix("/v1/test_helpers").removeprefix("/v1").split("/")
    if place is None or place >= len(parts):
        return None
    found = unquote(parts[place])
    return None if found.startswith(SHORTHAND) else found


def makes(operation: Operation) -> bool:
    """Return whether the operation makes a new object."""
    return (
        operation.method == "POST"
        and operation.verb not in ("update", "delete")
        and operation.name != "refund_test_helpers_issuing_transaction"
        and _own_place(operation) is None
    )


def _own_place(operation: Operation) -> int | None:
    """Return the index of the part of the path that is the object's own id, as in its retrieval."""
    retrieval = retrieval_of(operation)
    if retrieval is None or operation.name in _ANSWERS_WITH_ANOTHER:
        return None
    ours, theirs = _steps(operation), _steps(retrieval)
    if "{}" not in theirs or ours[: len(theirs)] != theirs:
        return None
    return len(theirs) - 1 - theirs[::-1].index("{}")


def _steps(operation: Operation) -> list[str]:
    path = operation.path.removeprefix("/v1/test_helpers").removeprefix("/v1")
    return ["{}" if part.startswith("{") else part for part in path.split("/")]
