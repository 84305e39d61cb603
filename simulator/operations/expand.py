"""`expand[]`: replace ids in the answer by their objects (Stripe's document "Expanding responses").

Some lists, such as a customer's subscriptions, are null unless they are expanded.
"""

from __future__ import annotations

from typing import Any

from stripe_flows.simulator.objects.object_types import object_type
from stripe_flows.simulator.objects.shapes import FieldShape, shapes
from stripe_flows.simulator.objects.store import ObjectStore
from stripe_flows.simulator.problems import invalid_request
from stripe_flows.simulator.types import Fields

from .endpoints import owner_field

MAX_DEPTH = 4
INCLUDED = 10
"""Number of objects in an included list."""


def expand(answer: Fields, paths: list[str], store: ObjectStore) -> None:
    """Expand in place. An id whose object is not stored stays an id.

    Raise `Problem` (400) for a field that cannot be expanded. Each name of a path is a level,
    `data` too.
    """
    for path in paths:
        steps = path.split(".")
        if len(steps) > MAX_DEPTH:
            raise invalid_request(
                f"You cannot expand more than {MAX_DEPTH} levels of a property. Property: {path}",
                code="property_expansion_max_depth",
                param="expand",
            )
        _expand(answer, steps, path, store)


def _expand(holder: Any, steps: list[str], path: str, store: ObjectStore) -> None:
    if not steps or holder is None:
        return
    if isinstance(holder, list):
        for member in holder:
            _expand(member, steps, path, store)
        return
    name, rest = steps[0], steps[1:]
    if not isinstance(holder, dict) or name not in holder:
        raise _cannot(path)
    value = holder[name]
    if value is None:
        value = holder[name] = _included(holder, name, store)
    elif isinstance(value, list) and not rest:
        holder[name] = [_object(member, store) for member in value]
    elif isinstance(value, str):
        if "_" not in value or name in ("id", "object"):
            shape = _shape(holder, name)
            if not (isinstance(shape, str) and shape.startswith("@")):
                raise _cannot(path)
        value = holder[name] = _object(value, store)
        if isinstance(value, str):
            return
    elif not rest and isinstance(value, (bool, int, float)):
        raise _cannot(path)
    _expand(value, rest, path, store)


def _object(value: Any, store: ObjectStore) -> Any:
    found = store.find(value) if isinstance(value, str) else None
    return value if found is None else found


def _shape(holder: Fields, name: str) -> FieldShape:
    known = shapes().resources.get(holder.get("object", ""), {})
    return shapes().bare(known[name]) if name in known else "any"


def _included(holder: Fields, name: str, store: ObjectStore) -> Any:
    """Return a list that is shown only on request: the objects that belong to the object."""
    shape = _shape(holder, name)
    if not isinstance(shape, str) or not shape.startswith("[") or "id" not in holder:
        return None
    owner_id = holder["id"]
    rows: list[Fields] = []
    for resource in shape[1:].split("|"):
        fields = frozenset(object_type(resource).fields)
        field = owner_field(holder["object"], "", fields)
        if field is None:
            rows += store.all(f"{resource}@{owner_id}")
        else:
            rows += [one for one in store.all(resource) if one.get(field) == owner_id][::-1]
    return {
        "object": "list",
        "data": rows[:INCLUDED],
        "has_more": len(rows) > INCLUDED,
        "url": f"/v1/{holder['object'].replace('.', '/')}s/{owner_id}/{name}",
    }


def _cannot(path: str) -> Exception:
    return invalid_request(f"This property cannot be expanded ({path}).", param="expand")
