"""The record of a run: sealed lines, and the reading of them.

A line says nothing that follows from the lines before it: an item's parent and its flow or operation
stand in the line that created it, and most ids of items follow from their parent's. What is left out
is filled in when the record is read. A run's first line also has what it was started as: when the
run has ended, it stands nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from stripe_flows.engine.identity import child_id
from stripe_flows.engine.types import JSONObject, JSONValue
from stripe_flows.tasks.events import Event, Line

from .keys import record_key
from .store import Store


def seal_line(store: Store, run: str, line: Line, meta: JSONValue = None) -> bytes:
    """The line as it is stored. Its time is put in front by the script that stores it.

    `meta`: of the first line, what the run was started as.
    """
    if not store.retention.details:
        line = line.without_details()
    fields = _without_what_follows(line)
    if meta is not None:
        fields["meta"] = meta
    text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
    return store.sealer.seal_line(run, text)


def read_record(store: Store, run: str) -> tuple[Event, ...]:
    """The events of a run, oldest first; none for a run that is not there."""
    with store.reaching():
        stored = cast(list[bytes], store.redis.lrange(record_key(run), 0, -1))
    return events_of(store, run, stored)


def events_of(store: Store, run: str, stored: Sequence[bytes]) -> tuple[Event, ...]:
    """The events of a run from its lines as they are stored, all of them."""
    items = _Items()
    return tuple(items.event(*_opened(store, run, raw)) for raw in stored)


def read_last_reasons(
    store: Store, runs: Sequence[str], lines: int = 20
) -> list[dict[str, tuple[str, str]]]:
    """Of each run's last lines, the newest status and error of each item that they are about."""
    with store.reaching():
        pipe = store.redis.pipeline(transaction=False)
        for run in runs:
            pipe.lrange(record_key(run), -lines, -1)
        replies = pipe.execute()
    return [
        {
            str(fields["item"]): (str(fields["status"]), str(fields.get("error") or ""))
            for fields in (_opened(store, run, raw)[1] for raw in stored)
            if fields["kind"] in ("execution", "call")
        }
        for run, stored in zip(runs, replies, strict=True)
    ]


def meta_of(store: Store, run: str, first_line: bytes) -> JSONValue:
    """What the run was started as, from its first line as it is stored."""
    return _opened(store, run, first_line)[1].get("meta")


def _opened(store: Store, run: str, raw: bytes) -> tuple[datetime, JSONObject]:
    stamp, _, sealed = raw.partition(b"|")
    found = cast(JSONObject, store.sealer.open_line(run, sealed))
    return datetime.fromtimestamp(int(stamp) / 1000, UTC), found


def _without_what_follows(line: Line) -> dict[str, Any]:
    fields = line.model_dump(mode="json", exclude_defaults=True)
    if line.kind in ("execution", "call"):
        for name in ("parent", "flow", "operation"):
            fields.pop(name, None)
    for index, created in enumerate(fields.get("created", ())):
        if created["item"] == _usual_child(line.kind, line.item, index):
            del created["item"]
    return fields


def _usual_child(kind: str, item: str, index: int) -> str:
    """The id of what an execution or a call creates, unless a person decided something."""
    return child_id(item, "call" if kind == "execution" else "continuation", index)


@dataclass(frozen=True)
class _Item:
    """What the line that created an item says of it; `flow`: the one that it runs, or that made it."""

    name: str | None = None
    flow: str | None = None
    parent: str | None = None


class _Items:
    """The items of a run, as far as its record was read."""

    def __init__(self) -> None:
        self._items: dict[str, _Item] = {}

    def event(self, time: datetime, fields: dict[str, Any]) -> Event:
        """The event of the next line, with what follows from those before it."""
        kind, item = fields["kind"], fields["item"]
        fields.pop("meta", None)
        if kind == "start":
            self._items[item] = _Item(fields["flow"], fields["flow"])
        known = self._items.get(item, _Item())
        if kind in ("execution", "call"):
            filled = {"parent": known.parent, "flow": known.flow}
            if kind == "call":
                filled["operation"] = known.name
            fields = filled | fields
        for index, created in enumerate(fields.get("created", ())):
            made = created.setdefault("item", _usual_child(kind, item, index))
            name = created["name"]
            flow = name if created["kind"] == "execution" else known.flow
            self._items[made] = _Item(name, flow, item)
        return Event.model_validate({**fields, "time": time})
