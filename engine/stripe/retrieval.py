"""Retrievals: the operation that reads what another operation made or changed, and its path."""

from __future__ import annotations

from urllib.parse import quote, unquote

from stripe_flows.engine.errors import InputError

from .catalog import Operation, stripe_catalog
from .sameness import SHORTHAND

_ANSWERS_WITH_ANOTHER = frozenset({"reverse_payout", "refund_test_helpers_issuing_transaction"})
"""Operations on an existing object that answer with a new one of the same kind, or may."""


def retrieval_of(operation: Operation) -> Operation | None:
    """Return the operation that retrieves what `operation` answers with; None if there is none."""
    operations = stripe_catalog().operations
    for resource in (operation.resource, operation.answers.replace(".", "_")):
        found = operations.get(f"retrieve_{resource}")
        if found is not None:
            return found
    return None


def retrieval_path(retrieval: Operation, path: str, object_id: str) -> str:
    """Return the path that retrieves the object.

    Its last id is the object's; those before are those of `path`, the path of the call that made it
    (`/v1/customers/cus_1/tax_ids/…`). Raises InputError where that names too few of them.
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

    None for an operation that makes a new object, and for the names of test payment methods.
    """
    place = _own_place(operation)
    parts = path.removeprefix("/v1/test_helpers").removeprefix("/v1").split("/")
    if place is None or place >= len(parts):
        return None
    found = unquote(parts[place])
    return None if found.startswith(SHORTHAND) else found


def makes(operation: Operation) -> bool:
    """Whether the operation makes a new object."""
    return (
        operation.method == "POST"
        and operation.verb not in ("update", "delete")
        and operation.name != "refund_test_helpers_issuing_transaction"
        and _own_place(operation) is None
    )


def _own_place(operation: Operation) -> int | None:
    """The part of the path that is the object's own id: where its retrieval has it, too."""
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
