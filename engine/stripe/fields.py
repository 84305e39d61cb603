"""The fields of Stripe's objects, read from the generated stubs for editors."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

_CLASS = re.compile(r"^class (\w+)\(StripeObject\):\n((?:    .*\n)+)", re.MULTILINE)
_FIELD = re.compile(r"^    (\w+): ", re.MULTILINE)
_KIND = re.compile(r'^    object: Literal\["([^"]+)"\]', re.MULTILINE)


def fields_of(kind: str) -> frozenset[str] | None:
    """Return the names of the fields of an object (`checkout.session`); None for an unknown kind.

    A kind like `card|source` has the fields that both have.
    """
    known = [_fields().get(one) for one in kind.split("|")]
    found = [fields for fields in known if fields is not None]
    return frozenset.intersection(*found) if found and len(found) == len(known) else None


@cache
def _fields() -> dict[str, frozenset[str]]:
    stubs = files("stripe_flows.engine.stubs").joinpath("objects.pyi").read_text(encoding="utf-8")
    found = {}
    for _, body in _CLASS.findall(stubs):
        kind = _KIND.search(body)
        if kind is not None:
            found[kind[1]] = frozenset(_FIELD.findall(body))
    return found
