"""Stripe's search query language (Stripe's document "Search"), over the stored objects.

    status:"active" AND metadata["order"]:"7"     amount>1000 OR -currency:"usd"

A query joins its clauses by AND (or by a space), or by OR, not by both. New objects are found at
once; Stripe's own index needs up to a minute.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from stripe_flows.simulator.problems import Problem, invalid_request
from stripe_flows.simulator.types import Fields

from .listing import read_limit
from .search_fields import check_clause, place_of
from .world import World

MAX_CLAUSES = 10

_CLAUSE = re.compile(
    r"""\s*(?P<minus>-?)\s*(?P<field>[\w.]+)(?:\[(?P<quote>["'])(?P<key>.*?)(?P=quote)\])?
    \s*(?P<sign><=|>=|[:~<>])\s*
    (?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>(?:\\.|[^'\\])*)'|(?P<bare>-?[\w.]+))\s*""",
    re.VERBOSE,
)
_JOINT = re.compile(r"(AND|OR)\b", re.IGNORECASE)
_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
}


@dataclass(frozen=True)
class Clause:
    """One condition. `steps`: path of the field; `value`: None stands for `null`."""

    steps: tuple[str, ...]
    sign: str
    value: str | None
    negated: bool

    def holds(self, found: Fields) -> bool:
        return self._holds(_at(found, self.steps)) is not self.negated

    def _holds(self, have: Any) -> bool:
        if self.value is None:
            return have is None
        if have is None:
            return False
        if self.sign in _ORDER:
            try:
                return _ORDER[self.sign](float(have), float(self.value))
            except (TypeError, ValueError):
                return False
        if isinstance(have, bool):
            return str(have).lower() == self.value.lower()
        text, wanted = str(have).lower(), self.value.lower()
        return wanted in text if self.sign == "~" else wanted == text


def search_page(world: World, resource: str, url: str, params: Fields) -> Fields:
    """Return a search result. The parameter `page` is the `next_page` of the page before."""
    clauses, together = parse_query(resource, params["query"])
    limit = read_limit(params)
    after = params.get("page")
    if after is not None and world.store.body(resource, after) is None:
        raise invalid_request(f"Invalid page: {after}", param="page")
    found = (
        one
        for one in world.store.newest_first(resource, after)
        if not one.get("deleted") and together(clause.holds(one) for clause in clauses)
    )
    page = list(islice(found, limit + 1))
    more = len(page) > limit
    return {
        "object": "search_result",
        "data": page[:limit],
        "has_more": more,
        "next_page": page[limit - 1]["id"] if more else None,
        "url": url,
    }


def parse_query(resource: str, query: str) -> tuple[list[Clause], Callable[[Any], bool]]:
    """Return the clauses, and `all` or `any` to join them. Raise `Problem` (400)."""
    clauses: list[Clause] = []
    joints: set[str] = set()
    place = 0
    while True:
        match = _CLAUSE.match(query, place)
        if match is None:
            raise _malformed(query, place)
        clauses.append(_clause(resource, match))
        place = match.end()
        if place == len(query):
            break
        joint = _JOINT.match(query, place)
        if joint is None and not query[place - 1].isspace():
            raise _malformed(query, place)
        joints.add("AND" if joint is None else joint[1].upper())
        place = place if joint is None else joint.end()
    if len(joints) > 1:
        raise invalid_request(
            "A search query joins its clauses by AND or by OR, not by both.", param="query"
        )
    if len(clauses) > MAX_CLAUSES:
        raise invalid_request(f"A search accepts at most {MAX_CLAUSES} clauses.", param="query")
    return clauses, any if joints == {"OR"} else all


def _clause(resource: str, match: re.Match[str]) -> Clause:
    steps = match["field"].split(".")
    if match["key"] is not None:
        steps.append(match["key"])
    quoted = match["double"] if match["double"] is not None else match["single"]
    value = match["bare"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    found = None if quoted is None and value.lower() == "null" else value
    sign = match["sign"]
    check_clause(resource, tuple(steps), sign, found, quoted=quoted is not None)
    return Clause(
        steps=place_of(resource, tuple(steps)),
        sign=sign,
        value=found,
        negated=bool(match["minus"]),
    )


def _at(found: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        if not isinstance(found, dict):
            return None
        found = found.get(step)
    return found


def _malformed(query: str, place: int) -> Problem:
    return invalid_request(
        f"The search query cannot be read from character {place + 1} on: {query[place:]!r}. Write "
        "clauses such as status:'active' and metadata['order']:'7', joined by AND or OR.",
        param="query",
    )
