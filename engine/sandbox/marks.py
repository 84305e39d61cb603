"""What the prelude raises itself, in the places that know what is wrong: marks, put into words here.

Only where the prelude raised them: from a script the same texts are the script's own.
"""

from __future__ import annotations

import re

from stripe_flows.engine.stripe.catalog import Catalog

from . import advice

_SET = re.compile(r"_sf_set _sf_(\w+) (\w+) (\d{1,9}) ([\w-]+)")
_NO_IDS = re.compile(r"_sf_no_ids (\w+)")
_PAGED = "_sf_paged"
_ASSIGNED = re.compile(r"_sf_assigned (\w+)")


def assigned(message: str) -> str | None:
    """The name that was assigned on a builder."""
    found = _ASSIGNED.match(message)
    return found[1] if found else None


def said(message: str, catalog: Catalog) -> str | None:
    """What to say of a mark; None of any other text."""
    if found := _SET.match(message):
        builder, setter, values, named = found.groups()
        if named != "-":
            return advice.no_named_value(setter, named)
        return advice.one_value(catalog, catalog.builders.get(builder), setter, int(values))
    if message == _PAGED:
        return advice.PAGED
    if found := _NO_IDS.match(message):
        known = catalog.builders.get(found[1])
        return advice.no_ids(catalog, known) if known is not None else None
    name = assigned(message)
    return advice.no_setting(name) if name is not None else None
