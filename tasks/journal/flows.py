"""Store and load flow sets: a run keeps the flows that it began with, whatever is deployed later."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import cast

from stripe_flows.engine.errors import JournalError
from stripe_flows.engine.flow import FlowSet
from stripe_flows.engine.types import JSONObject

from .keys import flow_key, set_key
from .store import Store


def store_flows(
    store: Store, flow_set: FlowSet, sources: Mapping[str, str], *, reseal: bool = False
) -> None:
    """Store a flow set and its sources (SHA-256 to text): the sources first, the set last.

    A set that is stored already costs one look. `reseal` stores it again all the same, since flows
    are kept longer than the seal key that they were first stored with.
    """
    seal = store.sealer.seal
    with store.reaching():
        if not reseal and store.redis.exists(set_key(flow_set.id)):
            return
        pipe = store.redis.pipeline(transaction=False)
        for sha, source in sources.items():
            pipe.set(flow_key(sha), seal("", sha, "flow", source))
        pipe.execute()
        store.redis.set(set_key(flow_set.id), seal("", flow_set.id, "set", flow_set.to_json()))


def load_flow_set(store: Store, set_id: str) -> FlowSet:
    """Return a flow set by its id. Raises JournalError if the journal does not have it."""
    with store.reaching():
        sealed = cast(bytes | None, store.redis.get(set_key(set_id)))
    if sealed is None:
        raise JournalError(f"flow set {set_id[:12]} is not in the journal")
    return FlowSet.from_json(cast(JSONObject, store.sealer.open("", set_id, "set", sealed)))


def load_source(store: Store, sha: str) -> str:
    """Return a flow's source by its SHA-256. Raises JournalError if the journal does not have it."""
    with store.reaching():
        sealed = cast(bytes | None, store.redis.get(flow_key(sha)))
    if sealed is None:
        raise JournalError(f"flow {sha[:12]} is not in the journal")
    return cast(str, store.sealer.open("", sha, "flow", sealed))


class FlowCache:
    """Flow sets and sources by their digest. They never change, so they are cached."""

    def __init__(self, store: Store) -> None:
        self.flow_set = functools.lru_cache(maxsize=64)(functools.partial(load_flow_set, store))
        self.source = functools.lru_cache(maxsize=1024)(functools.partial(load_source, store))
