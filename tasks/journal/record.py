"""The record of a run: sealed lines, and the reading of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from stripe_flows.tasks.events import Event, Line
from stripe_flows.tasks.journal.keys import record_key
from stripe_flows.tasks.journal.store import Store


def seal_line(store: Store, run: str, line: Line) -> bytes:
    """The line as it is stored. Its time is put in front by the script that stores it."""
    return store.sealer.seal_json(run, "", "record", line.model_dump_json(exclude_defaults=True))


def read_record(store: Store, run: str) -> tuple[Event, ...]:
    """The events of a run, oldest first; none for a run that is not there."""
    with store.reaching():
        stored = cast(list[bytes], store.redis.lrange(record_key(run), 0, -1))
    return tuple(_event(store, run, raw) for raw in stored)


def _event(store: Store, run: str, raw: bytes) -> Event:
    stamp, _, sealed = raw.partition(b"|")
    found = store.sealer.open(run, "", "record", sealed)
    time = datetime.fromtimestamp(int(stamp) / 1000, UTC)
    return Event.model_validate({**cast(dict[str, object], found), "time": time})
