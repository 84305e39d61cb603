"""Find the call that made a Stripe object, by the index from objects to runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from stripe_flows.engine.errors import SealError
from stripe_flows.engine.stripe.catalog import stripe_catalog
from stripe_flows.engine.stripe.retrieval import makes
from stripe_flows.tasks.events import Event

from .keys import object_key, record_key
from .record import read_record
from .store import Store

MAX_RUNS = 100
MAX_LINES = 20_000
"""Limits of runs, and of lines of their records, that are read; many runs may name one customer."""


@dataclass(frozen=True)
class Maker:
    """The call that made an object."""

    run_id: str
    call_id: str
    operation: str


@dataclass(frozen=True)
class Makers:
    """The result of a search. `whole`: every run that names the object was read."""

    found: Maker | None
    whole: bool


def maker_of(store: Store, object_id: str) -> Makers:
    """Find the call that made the object. A call that read, changed or listed it did not make it."""
    key = object_key(object_id)
    with store.reaching():
        # The oldest first, since the maker was the first to name it.
        run_ids = [raw.decode() for raw in cast(list[bytes], store.redis.zrange(key, 0, MAX_RUNS))]
    whole, left = len(run_ids) <= MAX_RUNS, MAX_LINES
    for run_id in run_ids[:MAX_RUNS]:
        with store.reaching():
            left -= store.redis.llen(record_key(run_id))
        if left < 0:
            return Makers(None, whole=False)
        try:
            events = read_record(store, run_id)
        except SealError:  # sealed with a key that this process does not have
            whole = False
            continue
        for event in events:
            if event.object_id == object_id and _made(event):
                return Makers(Maker(run_id, event.item, event.operation or ""), whole=True)
    return Makers(None, whole)


def _made(event: Event) -> bool:
    operation = stripe_catalog().operations.get(event.operation or "")
    return (
        event.kind == "call"
        and event.status == "response"
        and operation is not None
        and makes(operation)
    )
