"""Lists: pages, newest first, and filters (Stripe's document "Pagination")."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeAlias

from stripe_flows.simulator.problems import invalid_request, resource_missing
from stripe_flows.simulator.types import Fields

from .world import World

Filter: TypeAlias = Callable[[Fields, Any], bool]

_PAGING = frozenset({"limit", "starting_after", "ending_before", "expand"})
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
}


def _status(found: Fields, wanted: str) -> bool:
    if found["object"] != "subscription" or wanted not in ("all", "ended"):
        return bool(found.get("status") == wanted)
    return wanted == "all" or found["status"] in ("canceled", "incomplete_expired")


def _priced(found: Fields, wanted: str) -> bool:
    return any(item["price"]["id"] == wanted for item in found["items"]["data"])


def _of_subscription(found: Fields, wanted: str) -> bool:
    details = ((found.get("parent") or {}).get("subscription_details")) or {}
    return wanted in (found.get("subscription"), details.get("subscription"))


def _coupon(found: Fields, wanted: str) -> bool:
    return bool(found["promotion"]["coupon"] == wanted)


_FILTERS: dict[str, Filter] = {
    "ids": lambda found, wanted: found["id"] in wanted,
    "lookup_keys": lambda found, wanted: found["lookup_key"] in wanted,
    "status": _status,
    "subscription": _of_subscription,
    "coupon": _coupon,
}
_OF_SUBSCRIPTIONS: dict[str, Filter] = {"price": _priced, "plan": _priced}


def page_of(
    found: Iterable[Fields], url: str, params: Fields, *, backwards: bool = False
) -> Fields:
    """Return the first `limit` objects as a page.

    `backwards`: `found` is oldest first, and the page is newest first.
    """
    limit = read_limit(params)
    page = list(islice(found, limit + 1))
    data = page[:limit][::-1] if backwards else page[:limit]
    return {"object": "list", "data": data, "has_more": len(page) > limit, "url": url}


def read_limit(params: Fields) -> int:
    """Return the size of a page, 10 by default. Raise `Problem` (400)."""
    limit: int = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise invalid_request(
            f"A page holds 1 to 100 objects, not {limit}.",
            code="parameter_invalid_integer",
            param="limit",
        )
    return limit


def list_page(
    world: World, resource: str, url: str, params: Fields, *, shelf: str | None = None
) -> Fields:
    """Return a page: `data`, `has_more`, `url`.

    The other parameters of the list operation are filters. `shelf`: where the objects are stored,
    if not with all of their resource.
    """
    shelf = shelf or resource
    after, before = params.get("starting_after"), params.get("ending_before")
    if after is not None and before is not None:
        raise invalid_request("Give starting_after or ending_before, not both.")
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None and world.store.body(shelf, cursor) is None:
            raise resource_missing(world.object_type(resource).noun, cursor, param=name)
    filters = {k: v for k, v in params.items() if k not in _PAGING and v is not None}
    if resource == "subscription":
        filters.setdefault("status", "not canceled")
    found: Iterable[Fields] = (
        world.store.newest_first(shelf, after)
        if before is None
        else world.store.oldest_first(shelf, before)
    )
    return page_of(
        (one for one in found if _passes(one, filters)), url, params, backwards=before is not None
    )


def list_rows(rows: list[Fields], url: str, params: Fields) -> Fields:
    """Return a page of rows inside an object (an invoice's lines), in their own order."""
    rows = [row for row in rows if not row.get("deleted")]
    ids = [row.get("id") for row in rows]
    after, before = params.get("starting_after"), params.get("ending_before")
    if after in ids:
        rows = rows[ids.index(after) + 1 :]
    elif before in ids:
        limit = read_limit(params)
        end = ids.index(before)
        return page_of(reversed(rows[max(0, end - limit - 1) : end]), url, params, backwards=True)
    return page_of(rows, url, params)


def _passes(found: Fields, filters: Fields) -> bool:
    if found.get("deleted"):
        return False
    return all(_fits(found, name, wanted) for name, wanted in filters.items())


def _fits(found: Fields, name: str, wanted: Any) -> bool:
    if name == "status" and wanted == "not canceled":
        return bool(found["status"] != "canceled")
    special = _FILTERS.get(name)
    if special is None and found["object"] == "subscription":
        special = _OF_SUBSCRIPTIONS.get(name)
    if special is not None:
        return special(found, wanted)
    if name not in found:
        # The filter cannot be applied to a field that the object does not show.
        return True
    return matches(found[name], wanted)


def matches(have: Any, wanted: Any) -> bool:
    """Return whether a field has the value, the range or the members of a filter."""
    if isinstance(have, dict) and "id" in have and isinstance(wanted, str):
        return bool(have["id"] == wanted)
    if not isinstance(wanted, dict):
        return bool(have == wanted)
    if wanted.keys() <= _COMPARE.keys():
        return isinstance(have, int) and all(
            _COMPARE[sign](have, bound) for sign, bound in wanted.items()
        )
    return isinstance(have, dict) and all(matches(have.get(k), v) for k, v in wanted.items())
