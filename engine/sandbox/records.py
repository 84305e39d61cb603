"""Read the records of calls that came back from the sandbox, and trust none of them.

A script can reach the prelude's own objects and forge a record. The form of each record is checked
here, its content in call_checks.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import cast

from stripe_flows.engine.stripe.catalog import Builder, Catalog
from stripe_flows.engine.stripe.values import FOREIGN, TIME
from stripe_flows.engine.types import JSONObject, JSONValue

MAX_RECORDED = 16 * 1024 * 1024
"""Limit of the size of all calls of one execution together, in bytes."""

_FIELDS = 16

_TIME = json.dumps(TIME)

NEXT_PAGE = "next_page"
"""The name in a record of `next_page()`, in place of builder and verb."""


class Forged(Exception):
    """The prelude does not make such a record: the script changed the prelude."""


class TooMuch(Exception):
    """The calls exceed a limit of one execution; the message says which."""


@dataclass(frozen=True)
class Recorded:
    """One record as the prelude wrote it; only its form has been checked.

    `builder` is None for a next page. `unknown` are setters that the builder does not have,
    `unchecked` the parameters that the script set past all checks. `steps` gives the step of the script
    at which each parameter was set, `step` that of the verb; both are 0 unless the script was run to
    count them. `number` counts the builders in the order in which they were made. `line` is the line of
    the verb, where the script's text was made to note it.
    """

    builder: Builder | None
    verb: str
    ids: list[JSONValue]
    request: JSONObject
    unknown: list[str]
    steps: JSONObject
    unchecked: list[JSONValue]
    step: int
    number: int
    line: int | None
    worker_id: JSONValue
    context_id: JSONValue
    secret: JSONValue
    params: JSONValue
    then: JSONValue
    on_error: JSONValue
    idempotency_key: JSONValue
    stripe_account: JSONValue
    marked: bool = field(default=False, kw_only=True)
    """True if datetimes may be among the values."""

    @property
    def called(self) -> str:
        """The function that made the record, for people: `payment_intent().capture_async()`."""
        if self.builder is None:
            return f"{NEXT_PAGE}()"
        return f"{self.builder.name}().{self.verb}_async()"


@dataclass(frozen=True)
class Unsent:
    """A builder on which no verb was called. `line` made it, where that was noted."""

    builder: Builder
    line: int | None


def read_records(
    value: object, catalog: Catalog, limit: int
) -> tuple[list[Recorded], list[Unsent]]:
    """Return the records in the sandbox's value, and the builders that were not sent.

    Raises Forged or TooMuch.
    """
    lines: object
    match value:
        case [list(recorded), list(made)]:
            lines, made_at = [0] * len(recorded), cast("dict[object, object]", {})
        case [list(recorded), list(made), list(lines), dict(made_at)]:
            pass
        case _:
            raise Forged
    if not all(isinstance(text, str) for text in recorded):
        raise Forged
    texts = cast("list[str]", recorded)
    if len(texts) > limit:
        raise TooMuch(f"it made {len(texts)} calls; the limit of an execution is {limit}")
    if sum(map(len, texts)) > MAX_RECORDED:
        raise TooMuch(f"its calls are larger than {MAX_RECORDED // 2**20} MB together")
    if len(lines) != len(texts) or not all(type(line) is int for line in lines):
        raise Forged
    records = [
        _record(text, catalog, line or None) for text, line in zip(texts, lines, strict=True)
    ]
    return records, _unsent(made, {record.number for record in records}, made_at, catalog)


def _unsent(
    made: list[object], sent: set[int], made_at: dict[object, object], catalog: Catalog
) -> list[Unsent]:
    """Return one for each kind of builder and line."""
    found: dict[tuple[str, int], Unsent] = {}
    for number, name in enumerate(made):
        line = made_at.get(number, 0)
        if not isinstance(name, str) or name not in catalog.builders or type(line) is not int:
            raise Forged
        if number not in sent:
            found[name, line] = Unsent(catalog.builders[name], line or None)
    return list(found.values())


def _object(pairs: list[tuple[str, JSONValue]]) -> JSONObject:
    """Return a dict, or a mark if two of its keys, `1` and `"1"`, became one in JSON."""
    found = dict(pairs)
    if len(found) != len(pairs):
        return {FOREIGN: "dict, with two keys that are the same string,"}
    return found


def _record(text: str, catalog: Catalog, at: int | None) -> Recorded:
    try:
        fields = json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise Forged from None
    if not isinstance(fields, list) or len(fields) != _FIELDS:
        raise Forged
    name, ids, request, unknown, steps, unchecked, step, number, *options = fields
    if (
        not isinstance(name, str)
        or not isinstance(ids, list)
        or not isinstance(request, dict)
        or not isinstance(unknown, list)
        or not all(isinstance(word, str) for word in unknown)
        or not isinstance(steps, dict)
        or not isinstance(unchecked, list)
        or type(step) is not int
        or type(number) is not int
    ):
        raise Forged
    function, _, verb = name.partition(".")
    builder = catalog.builders.get(function)
    if name != NEXT_PAGE and (builder is None or verb not in builder.verbs):
        raise Forged
    marked = _TIME in text
    return Recorded(
        builder,
        verb,
        ids,
        request,
        unknown,
        steps,
        unchecked,
        step,
        number,
        at,
        *options,
        marked=marked,
    )
