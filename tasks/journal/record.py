"""Seal the lines of a run's record, and read them.

A line omits what the earlier lines imply: the line that created an item has its parent and its flow or
operation, and most item ids can be computed from the parent's. Reading fills this in. A run's first
line also says what the run was started as; after the run has ended, no other place does. What is kept
of a request, an answer and `params` is decided in `engine/details.py`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from stripe_flows.engine.identity import child_id
from stripe_flows.engine.types import JSONObject, JSONValue
from stripe_flows.tasks.events import Event, NewEvent

from .keys import record_key
from .store import Store


def seal_line(store: Store, run_id: str, event: NewEvent, meta: JSONValue = None) -> bytes:
    """Return the line as it is stored. The script that stores it puts the time in front.

    `meta`: only in the first line, what the run was started as.
    """
    if not store.retention.details:
        event = event.without_details()
    fields = _without_what_follows(event)
    if meta is not None:
        fields["meta"] = meta
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
    return store.sealer.seal_line(run_id, text)


def read_record(store: Store, run_id: str) -> tuple[Event, ...]:
    """Return the events of a run, oldest first; none for a run that does not exist."""
    with store.reaching():
        stored = cast(list[bytes], store.redis.lrange(record_key(run_id), 0, -1))
    return events_of(store, run_id, stored)


def events_of(store: Store, run_id: str, stored: Sequence[bytes]) -> tuple[Event, ...]:
    """Return the events of a run. `stored`: all of its lines."""
    items = _Items()
    return tuple(items.event(*_opened(store, run_id, raw)) for raw in stored)


def read_last_reasons(
    store: Store, run_ids: Sequence[str], lines: int = 20
) -> list[dict[str, tuple[str, str]]]:
    """Return, per run, the newest status and error of each item in the last `lines` of its record."""
    with store.reaching():
        pipe = store.redis.pipeline(transaction=False)
        for run_id in run_ids:
            pipe.lrange(record_key(run_id), -lines, -1)
        replies = pipe.execute()
    return [
        {
            str(fields["item"]): (str(fields["status"]), str(fields.get("error") or ""))
            for fields in (_opened(store, run_id, raw)[1] for raw in stored)
            if fields["kind"] in ("execution", "call")
        }
        for run_id, stored in zip(run_ids, replies, strict=True)
    ]


def meta_of(store: Store, run_id: str, first_line: bytes) -> JSONValue:
    """Return what the run was started as, from its first line as it is stored."""
    return _opened(store, run_id, first_line)[1].get("meta")


def _opened(store: Store, run_id: str, raw: bytes) -> tuple[datetime, JSONObject]:
    stamp, _, sealed = raw.partition(b"|")
    found = cast(JSONObject, store.sealer.open_line(run_id, sealed))
    return datetime.fromtimestamp(int(stamp) / 1000, UTC), found


def _without_what_follows(event: NewEvent) -> dict[str, Any]:
    fields = event.model_dump(mode="json", exclude_defaults=True)
    if event.kind in ("execution", "call"):
        for name in ("parent", "flow", "operation"):
            fields.pop(name, None)
    for index, created in enumerate(fields.get("created", ())):
        if created["item"] == _usual_child(event.kind, event.item, index):
            del created["item"]
    return fields


def _usual_child(kind: str, item_id: str, index: int) -> str:
    """Return the id of an execution's or a call's child, where no person's decision created it."""
    return child_id(item_id, "call" if kind == "execution" else "continuation", index)


@dataclass(frozen=True)
class _Item:
    """An item, from the line that created it. `flow`: the one that it runs, or that made it."""

    name: str | None = None
    flow: str | None = None
    parent: str | None = None


class _Items:
    """The items of a run in the lines read so far."""

    def __init__(self) -> None:
        self._items: dict[str, _Item] = {}

    def event(self, time: datetime, fields: dict[str, Any]) -> Event:
        """Return the event of the next line, completed from the earlier ones."""
        kind, item_id = fields["kind"], fields["item"]
        fields.pop("meta", None)
        if kind == "start":
            self._items[item_id] = _Item(fields["flow"], fields["flow"])
        known = self._items.get(item_id, _Item())
        if kind in ("execution", "call"):
            filled = {"parent": known.parent, "flow": known.flow}
            if kind == "call":
                filled["operation"] = known.name
            fields = filled | fields
        for index, created in enumerate(fields.get("created", ())):
            made = created.setdefault("item", _usual_child(kind, item_id, index))
            name = created["name"]
            flow = name if created["kind"] == "execution" else known.flow
            self._items[made] = _Item(name, flow, item_id)
        return Event.model_validate({**fields, "time": time})
