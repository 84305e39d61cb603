"""Read from an endpoint's path and answer what the endpoint does.

`POST /v1/charges/{charge}/capture` answers a charge, so it is a verb of a charge. `POST
/v1/transfers/{id}/reversals` answers another type than a transfer, so it creates an object that
belongs to the transfer. Stripe's paths are regular enough that no operation needs an entry of its
own.
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
    """The action of an endpoint, and its resource.

    `resources`: what it can answer, the most likely first. `owner`: resource of the path's last id,
    if that is not the answer itself. `verb`: the path after that id.
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
    """Return what an endpoint of the catalog does. `path` has its ids in braces."""
    sign, _, names = _answers().get(f"{method} {path}", "").rpartition(" ")
    # Accounts were sources of payment once; new sources are cards or bank accounts.
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
    """Return an endpoint without an id for its object: it creates one, or there is only one."""
    there_is_one = _answers().get(f"GET {path}")
    if method == "POST" and (there_is_one is None or " " in there_is_one):
        return Endpoint("create", resources, owner, verb)
    action: Action = {"POST": "set_singleton", "DELETE": "delete_singleton"}.get(
        method, "singleton"
    )  # type: ignore[assignment]
    return Endpoint(action, resources, owner, verb)


@cache
def _collections() -> dict[str, tuple[str, ...]]:
    """Return the resources by the path of one object, with its ids written `{}`."""
    found: dict[str, tuple[str, ...]] = {}
    for name, answer in _answers().items():
        path = _PLACE.sub("{}", name.partition(" ")[2])
        if path.endswith("{}"):
            found[path] = tuple(answer.split("|"))
    return found


@cache
def _answers() -> dict[str, str]:
    """Return the answer by endpoint, as in the catalog: `charge`, `list charge`, `search charge`."""
    operations = stripe_catalog().operations.values()
    return {f"{one.method} {one.path}": one.answers for one in operations}


def named_by(base: str) -> tuple[str, ...]:
    """Return the resources that a path ending in an id can name, the most likely first."""
    path = _PLACE.sub("{}", base)
    found = _collections().get(path)
    if found is None and path.startswith(_HELPERS):
        found = _collections().get("/v1/" + path.removeprefix(_HELPERS))
    return found or ()


def owner_field(owner: str, place: str, fields: frozenset[str]) -> str | None:
    """Return the field in which an object names its owner, None if there is none."""
    last = owner.rpartition(".")[2]
    return next((name for name in (last, place, f"{last}_id") if name in fields), None)
