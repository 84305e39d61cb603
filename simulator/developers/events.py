"""List and retrieve events."""

from __future__ import annotations

from itertools import dropwhile
from types import MappingProxyType

from stripe_flows.simulator.objects.listing import matches, page_of, read_limit
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import resource_missing
from stripe_flows.simulator.types import Fields


def retrieve(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.events.get(ids[0])
    if found is None:
        raise resource_missing("event", ids[0], in_path=True)
    return found


def list_events(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    one, types = params.get("type"), params.get("types")
    wanted = [one] if one is not None else types
    created = params.get("created")
    for name in ("starting_after", "ending_before"):
        cursor = params.get(name)
        if cursor is not None and world.events.get(cursor) is None:
            raise resource_missing("event", cursor, param=name)
    found = (
        event
        for event in world.events.newest_first(wanted)
        if created is None or matches(event["created"], created)
    )
    after, before = params.get("starting_after"), params.get("ending_before")
    if after is not None:
        rest = dropwhile(lambda event: event["id"] != after, found)
        return page_of((e for e in rest if e["id"] != after), "/v1/events", params)
    if before is not None:
        newer = []
        for event in found:
            if event["id"] == before:
                break
            newer.append(event)
        newer = newer[-read_limit(params) - 1 :]
        return page_of(reversed(newer), "/v1/events", params, backwards=True)
    return page_of(found, "/v1/events", params)


HANDLERS: Handlers = MappingProxyType(
    {"GET /v1/events": list_events, "GET /v1/events/{id}": retrieve}
)
