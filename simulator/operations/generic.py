"""Generic verbs: create, retrieve, update, delete, list, search and custom verbs, for any resource.

`endpoints` reads from the path which verb an endpoint is; `verbs` has the changes of custom verbs.
"""

from __future__ import annotations

import re

from stripe_flows.simulator.objects.listing import list_page
from stripe_flows.simulator.objects.search import search_page
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.problems import invalid_request, resource_missing
from stripe_flows.simulator.types import Fields

from .endpoints import Endpoint, owner_field
from .verbs import ONE_TIME, VERBS

_PLACE = re.compile(r"\{(\w+)\}")

_BY_ID = frozenset({"charge", "customer", "product", "subscription"})
"""Resources whose path parameter is called `id` in errors, whatever the specification calls it."""


def carry_out_generically(
    about: Endpoint, path: str, world: World, params: Fields, ids: tuple[str, ...]
) -> Fields:
    """Return the object that is answered. `path` has its ids in braces. Raise `Problem`."""
    place = _Place(about, path, world, ids)
    match about.action:
        case "create":
            return _create(place, params)
        case "retrieve":
            return place.found()
        case "update":
            return _update(place, params)
        case "delete":
            return _delete(place)
        case "list":
            place.check_owner()
            url = _filled(path, ids)
            filters = params | place.belonging()
            return list_page(world, about.resource, url, filters, shelf=place.shelf())
        case "search":
            return search_page(world, about.resource, path, params)
        case "verb":
            return _verb(place, params)
        case "singleton" | "set_singleton" | "delete_singleton":
            return _singleton(place, params)
        case "unknown":
            raise invalid_request(
                f"The simulator has no file to answer with ({_filled(path, ids)}).", status=404
            )


class _Place:
    """The object in a path, and its owner."""

    def __init__(self, about: Endpoint, path: str, world: World, ids: tuple[str, ...]) -> None:
        self.about, self.world, self.ids = about, world, ids
        self.names = _PLACE.findall(path)

    @property
    def owner_id(self) -> str | None:
        if self.about.owner is None:
            return None
        of_itself = self.about.action in ("retrieve", "update", "delete")
        return self.ids[-2] if of_itself else self.ids[-1]

    def field(self, resource: str) -> str | None:
        """Return the field that names the owner."""
        if self.about.owner is None:
            return None
        name = self.names[-2] if self.owner_id != self.ids[-1] else self.names[-1]
        fields = frozenset(self.world.object_type(resource).fields)
        return owner_field(self.about.owner, name, fields)

    def belonging(self) -> Fields:
        name = self.field(self.about.resource)
        return {} if name is None else {name: self.owner_id}

    def shelf(self, resource: str | None = None) -> str:
        """Return where the objects are stored: apart for each owner, if no field names the owner."""
        resource = resource or self.about.resource
        apart = self.about.owner is not None and self.field(resource) is None
        return f"{resource}@{self.owner_id}" if apart else resource

    def check_owner(self) -> Fields | None:
        """Return the owner. Raise `Problem` (404) if it does not exist."""
        if self.about.owner is None or self.owner_id is None:
            return None
        return self.world.named_by_path(self.about.owner, self.owner_id)

    def found(self) -> Fields:
        """Return the object of the path's last id. Raise `Problem` (404)."""
        self.check_owner()
        for resource in self.about.resources:
            found = self.world.store.get(self.shelf(resource), self.ids[-1])
            if found is not None:
                name = self.field(resource)
                if name is None or found.get(name) == self.owner_id:
                    return found
        resource = self.about.resource
        param = "id" if resource in _BY_ID else self.names[-1]
        noun = self.world.object_type(resource).noun
        raise resource_missing(noun, self.ids[-1], param=param, in_path=True)

    def keep(self, value: Fields) -> Fields:
        if "id" not in value:
            # Objects without an id, such as links, are answered once and never retrieved.
            return value
        apart = self.shelf(value["object"]) != value["object"]
        return self.world.put(value, under=self.owner_id if apart else None)


def _create(place: _Place, params: Fields) -> Fields:
    world = place.world
    place.check_owner()
    made = world.new(place.about.resource)
    if isinstance(params.get("id"), str):
        made["id"] = params["id"]
    world.apply(made, params)
    for name, owner in place.belonging().items():
        made[name] = owner
    if place.about.verb.endswith("preview"):
        return made
    return place.keep(made)


def _update(place: _Place, params: Fields) -> Fields:
    found = place.found()
    if found.get("deleted"):
        raise invalid_request(
            f"{place.about.resource} {found['id']} is deleted and cannot be changed."
        )
    place.world.apply(found, params)
    if "updated" in found:
        found["updated"] = int(place.world.now())
    return place.keep(found)


def _delete(place: _Place) -> Fields:
    found = place.found()
    kind = place.world.object_type(found["object"])
    if found["object"] == "customer":
        # Stripe keeps a stub of a deleted customer.
        return place.keep({"id": found["id"], "object": "customer", "deleted": True})
    place.world.store.remove(place.shelf(found["object"]), found["id"])
    if kind.leaves_stub:
        return {"id": found["id"], "object": found["object"], "deleted": True}
    return found


def _verb(place: _Place, params: Fields) -> Fields:
    found = place.found()
    key = (found["object"], place.about.verb)
    change = VERBS.get(key) or VERBS.get(("*", place.about.verb)) or {}
    status = change.get("status")
    if status is not None and status == found.get("status") and place.about.verb in ONE_TIME:
        raise invalid_request(
            f"This {place.world.object_type(found['object']).noun} cannot be changed: its status is "
            f"already {status}."
        )
    place.world.apply(found, params)
    for name, value in change.items():
        if name in found:
            found[name] = value
    if status is not None and isinstance(found.get("status_transitions"), dict):
        moment = f"{status}_at"
        if moment in found["status_transitions"]:
            found["status_transitions"][moment] = int(place.world.now())
    for moment in (f"{status}_at", f"{place.about.verb}d_at"):
        if moment in found and found[moment] is None:
            found[moment] = int(place.world.now())
    return place.keep(found)


def _singleton(place: _Place, params: Fields) -> Fields:
    """Return or change the only object of its resource, of the account or of the path's object."""
    world, about = place.world, place.about
    owner = place.check_owner()
    key = f"{about.resource}:{'' if owner is None else owner['id']}"
    kept = world.store.get(f"_{about.resource}", key) or {}
    found: Fields = kept.get("value") or world.new(about.resource) | place.belonging()
    if about.action == "set_singleton" or about.verb == "":
        world.apply(found, params)
    if about.action == "set_singleton":
        world.store.put(f"_{about.resource}", {"id": key, "value": found})
    return found


def _filled(path: str, ids: tuple[str, ...]) -> str:
    rest = iter(ids)
    return _PLACE.sub(lambda match: next(rest), path)
