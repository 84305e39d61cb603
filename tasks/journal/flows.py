"""The flow sets: a run keeps the flows that it began with, whatever a deploy does meanwhile."""

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
    """Stores a flow set and its sources (SHA-256 to text); sources first, the set last.

    Costs one look where it is stored already. `reseal` stores it anew all the same: flows outlive
    the seal key that they were first stored with.
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
    """The flow set of a run. Raises JournalError where it is not there."""
    with store.reaching():
        sealed = cast(bytes | None, store.redis.get(set_key(set_id)))
    if sealed is None:
        raise JournalError(f"flow set {set_id[:12]} is not in the journal")
    return FlowSet.from_json(cast(JSONObject, store.sealer.open("", set_id, "set", sealed)))


def load_source(store: Store, sha: str) -> str:
    """The source of a flow. Raises JournalError where it is not there."""
    with store.reaching():
        sealed = cast(bytes | None, store.redis.get(flow_key(sha)))
    if sealed is None:
        raise JournalError(f"flow {sha[:12]} is not in the journal")
    return cast(str, store.sealer.open("", sha, "flow", sealed))


class FlowCache:
    """Flow sets and sources by their digest: what a digest names never changes."""

    def __init__(self, store: Store) -> None:
        self.flow_set = functools.lru_cache(maxsize=64)(functools.partial(load_flow_set, store))
        self.source = functools.lru_cache(maxsize=1024)(functools.partial(load_source, store))
