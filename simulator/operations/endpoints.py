"""What an endpoint is about, read from its path and from what it answers.

`POST /v1/charges/{charge}/capture` answers a charge: a verb of one. `POST
/v1/transfers/{id}/reversals` answers another kind than a transfer: it makes one that belongs to it.
So no operation needs an entry of its own; Stripe's paths are regular enough.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

from stripe_flows.engine.stripe.catalog import stripe_catalog
from stripe_flows.simulator.objects.shapes import shapes

Action: TypeAlias = Literal[
    "create", "retrieve", "update", "delete", "list", "search", "verb", "singleton", "set_singleton",
    "delete_singleton", "unknown",
]  # fmt: skip

_PLACE = re.compile(r"\{\w+\}")
_HELPERS = "/v1/test_helpers/"


@dataclass(frozen=True)
class Endpoint:
    """`resources`: what is answered, the likeliest first; `owner`: the kind of the object that the
    path's last id names where that is not the answer itself; `verb`: what follows that id.
    """

    action: Action
    resources: tuple[str, ...]
    owner: str | None
    verb: str

    @property
    def resource(self) -> str:
        return self.resources[0]


@cache
def endpoint(method: str, path: str) -> Endpoint:
    """What an endpoint of the catalog is about; `path` with its ids in braces."""
    sign, _, names = _answers().get(f"{method} {path}", "").rpartition(" ")
    # An account as a source of payment was there once; what is made today is a card or the like.
    resources = tuple(sorted(names.split("|"), key=lambda name: "|" in names and name == "account"))
    if resources[0] not in shapes().resources:
        return Endpoint("unknown", (), None, "")
    base, _, verb = path.rpartition("}")
    base = f"{base}}}" if base else ""
    verb = verb.strip("/") if base else ""
    named = named_by(base)
    if sign == "search":
        return Endpoint("search", resources, None, verb)
    if sign == "list":
        return Endpoint("list", resources, named[0] if named else None, verb)
    if base == path:
        owner = named_by(_PLACE.sub("{}", path.rpartition("/")[0]).rpartition("}")[0] + "}")
        action: Action = {"GET": "retrieve", "DELETE": "delete"}.get(method, "update")  # type: ignore[assignment]
        return Endpoint(action, resources, owner[0] if owner else None, "")
    if method == "POST" and named and set(named) & set(resources):
        return Endpoint("verb", named, None, verb)
    return _beside(method, path, resources, named[0] if named else None, verb)


def _beside(
    method: str, path: str, resources: tuple[str, ...], owner: str | None, verb: str
) -> Endpoint:
    """Of something that the path gives no id: it is made, or there is just one of it."""
    there_is_one = _answers().get(f"GET {path}")
    if method == "POST" and (there_is_one is None or " " in there_is_one):
        return Endpoint("create", resources, owner, verb)
    action: Action = {"POST": "set_singleton", "DELETE": "delete_singleton"}.get(
        method, "singleton"
    )  # type: ignore[assignment]
    return Endpoint(action, resources, owner, verb)


@cache
def _collections() -> dict[str, tuple[str, ...]]:
    """Path of one object, its ids written `{}` → what it is."""
    found: dict[str, tuple[str, ...]] = {}
    for name, answer in _answers().items():
        path = _PLACE.sub("{}", name.partition(" ")[2])
        if path.endswith("{}"):
            found[path] = tuple(answer.split("|"))
    return found


@cache
def _answers() -> dict[str, str]:
    """Endpoint → what it answers, as the catalog has it: `charge`, `list charge`, `search charge`."""
    operations = stripe_catalog().operations.values()
    return {f"{one.method} {one.path}": one.answers for one in operations}


def named_by(base: str) -> tuple[str, ...]:
    """What a path that ends in an id can name, the likeliest first; ids in braces."""
    path = _PLACE.sub("{}", base)
    found = _collections().get(path)
    if found is None and path.startswith(_HELPERS):
        found = _collections().get("/v1/" + path.removeprefix(_HELPERS))
    return found or ()


def owner_field(owner: str, place: str, fields: frozenset[str]) -> str | None:
    """The field in which an object names what it belongs to; None if it has no such field."""
    last = owner.rpartition(".")[2]
    return next((name for name in (last, place, f"{last}_id") if name in fields), None)
