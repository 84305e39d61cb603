"""Lists: pages, newest first, and filters (Stripe's document "Pagination")."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeAlias

from stripe_flows.local.simulator.problems import invalid_request, resource_missing
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import World

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


_FILTERS: dict[str, Filter] = {
    "ids": lambda found, wanted: found["id"] in wanted,
    "lookup_keys": lambda found, wanted: found["lookup_key"] in wanted,
    "status": _status,
    "price": _priced,
    "plan": _priced,
}


def list_page(world: World, resource: str, url: str, params: Fields) -> Fields:
    """A page: `data`, `has_more`, `url`. Filters are the other parameters of the list operation."""
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise invalid_request(
            f"A page holds 1 to 100 objects, not {limit}.",
            code="parameter_invalid_integer",
            param="limit",
        )
    after, before = params.get("starting_after"), params.get("ending_before")
    if after is not None and before is not None:
        raise invalid_request("Give starting_after or ending_before, not both.")
    for name, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None and world.store.body(resource, cursor) is None:
            raise resource_missing(world.kind(resource).noun, cursor, param=name)
    filters = {name: value for name, value in params.items() if name not in _PAGING}
    if resource == "subscription":
        filters.setdefault("status", "not canceled")
    found: Iterable[Fields] = (
        world.store.newest_first(resource, after)
        if before is None
        else world.store.oldest_first(resource, before)
    )
    page = list(islice((one for one in found if _passes(one, filters)), limit + 1))
    data = page[:limit] if before is None else page[:limit][::-1]
    return {"object": "list", "data": data, "has_more": len(page) > limit, "url": url}


def _passes(found: Fields, filters: Fields) -> bool:
    if found.get("deleted"):
        return False
    return all(_fits(found, name, wanted) for name, wanted in filters.items())


def _fits(found: Fields, name: str, wanted: Any) -> bool:
    if name == "status" and wanted == "not canceled":
        return bool(found["status"] != "canceled")
    if name in _FILTERS:
        return _FILTERS[name](found, wanted)
    have = found.get(name)
    if isinstance(wanted, dict):
        if wanted.keys() <= _COMPARE.keys():
            return isinstance(have, int) and all(
                _COMPARE[sign](have, bound) for sign, bound in wanted.items()
            )
        return isinstance(have, dict) and all(have.get(k) == v for k, v in wanted.items())
    return bool(have == wanted)
