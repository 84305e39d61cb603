"""Events, in order, with the request that caused each (Stripe's API reference, "Events").

An event shares the bytes of the object that it shows and is built when it is read, so that requests
stay fast.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from stripe_flows.simulator.types import Fields

from .ids import new_id
from .shapes import shapes
from .state import EventRow, State
from .store import Change

KEPT_EVENTS = 200_000
"""Older events are forgotten."""

_NAMES = {
    "bank_account": "customer.source",
    "card": "customer.source",
    "discount": "customer.discount",
    "dispute": "charge.dispute",
    "source": "customer.source",
    "subscription": "customer.subscription",
    "tax_id": "customer.tax_id",
}
"""Resources whose events have another name; in those of issuing the dot is replaced."""


def event_name(resource: str) -> str:
    """Return the prefix of the event types of a resource: `customer.subscription`."""
    return _NAMES.get(resource) or resource.replace("issuing.", "issuing_")


@dataclass(frozen=True, slots=True)
class RequestCause:
    """The request that caused an event; both fields are None for what happens automatically."""

    request_id: str | None = None
    idempotency_key: str | None = None


class Events:
    """The events of one account."""

    def __init__(self, state: State, api_version: str, account: str | None = None) -> None:
        self._state = state
        self._api_version = api_version
        self._account = account
        self._rows: dict[str, EventRow] = {}
        self._recorded: list[tuple[str, str, str]] = []

    def load(self, row: EventRow) -> None:
        self._rows[row[0]] = row

    def record(self, kind: str, resource: str, key: str) -> None:
        """Record that something happened. It becomes an event if the request is committed."""
        self._recorded.append((kind, resource, key))

    def recorded(self) -> list[tuple[str, str, str]]:
        """Return the records of this request so far: event type, resource, id."""
        return self._recorded

    def drop(self) -> None:
        self._recorded.clear()

    def commit(
        self,
        changes: list[Change],
        body: Callable[[str, str], bytes | None],
        created: int,
        cause: RequestCause,
    ) -> None:
        """Create an event for each record, and for each change without a record.

        `body` returns the JSON of a stored object, by resource and id.
        """
        recorded = {(resource, key) for _, resource, key in self._recorded}
        for kind, resource, key in self._recorded:
            shown = body(resource, key)
            if shown is not None:
                self._add(kind, shown, None, created, cause)
        for change in changes:
            if (change.resource, change.object_id) not in recorded:
                self._add_change(change, created, cause)
        self._recorded.clear()

    def _add_change(self, change: Change, created: int, cause: RequestCause) -> None:
        name = event_name(change.resource)
        body = change.after or change.before
        assert body is not None
        if change.after is None or change.after.endswith(b'"deleted":true}'):
            # The event of a deletion shows the object before it.
            self._add(f"{name}.deleted", change.before or body, None, created, cause)
        elif change.before is None:
            self._add(f"{name}.created", body, None, created, cause)
        else:
            self._add(f"{name}.updated", body, change.before, created, cause)

    def _add(
        self, kind: str, body: bytes, before: bytes | None, created: int, cause: RequestCause
    ) -> None:
        if kind not in shapes().event_types:
            return
        row: EventRow = (
            new_id("evt_1", 23), kind, created, body, before, cause.request_id,
            cause.idempotency_key, self._account,
        )  # fmt: skip
        self._rows[row[0]] = row
        if len(self._rows) > KEPT_EVENTS:
            del self._rows[next(iter(self._rows))]
        self._state.add_event(row)

    def get(self, key: str) -> Fields | None:
        row = self._rows.get(key)
        return None if row is None else self._shown(row)

    def newest_first(self, types: list[str] | None) -> Iterator[Fields]:
        """Return the events of these types (`invoice.*`: any of an invoice), all for None, newest
        first.
        """
        for row in reversed(list(self._rows.values())):
            if types is None or any(_fits(row[1], wanted) for wanted in types):
                yield self._shown(row)

    def clear(self) -> None:
        self._rows.clear()
        self._recorded.clear()

    def _shown(self, row: EventRow) -> Fields:
        key, kind, created, body, before, request_id, idempotency_key, account = row
        shown: Fields = json.loads(body)
        data: Fields = {"object": shown}
        if before is not None:
            data["previous_attributes"] = _differences(json.loads(before), shown)
        return {
            "id": key,
            "object": "event",
            "account": account,
            "api_version": self._api_version,
            "context": None,
            "created": created,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": request_id, "idempotency_key": idempotency_key},
            "type": kind,
        }


def _differences(before: Fields, after: Fields) -> Fields:
    """Return the old values of the fields that changed; null for a new field."""
    found: dict[str, Any] = {}
    for name in (*before, *(name for name in after if name not in before)):
        value, now = before.get(name), after.get(name)
        if isinstance(value, dict) and isinstance(now, dict):
            if inner := _differences(value, now):
                found[name] = inner
        elif value != now:
            found[name] = value
    return found


def _fits(kind: str, wanted: str) -> bool:
    if wanted.endswith("*"):
        return kind.startswith(wanted[:-1])
    return kind == wanted
