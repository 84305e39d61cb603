"""Parse form-encoded text into nested dicts of strings: `items[0][price]=p&expand[]=customer`.

Only the parameter's type says whether brackets mean a list or a map. So a list is still a dict
here, with its indices as keys; `parameters.py` makes it a list where the catalog says so.
"""

from __future__ import annotations

import re
from typing import TypeAlias
from urllib.parse import unquote_plus

from stripe_flows.simulator.problems import Problem, invalid_request

Form: TypeAlias = "dict[str, str | Form]"

MAX_DEPTH = 12
"""Deepest nesting of a parameter name; none of Stripe's is that deep."""

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def parse_form(text: str) -> Form:
    """Return the parameters of a form body or a query. Raise `Problem` (400) for a malformed one."""
    form: Form = {}
    for pair in text.split("&"):
        if not pair:
            continue
        name, _, value = pair.partition("=")
        try:
            _put(form, unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict"))
        except UnicodeDecodeError:
            raise invalid_request("The request contains bytes that are not valid UTF-8.") from None
    return form


def _put(form: Form, name: str, value: str) -> None:
    match = _NAME.fullmatch(name)
    if match is None:
        raise _malformed(name)
    path = [match[1], *(match[2][1:-1].split("][") if match[2] else ())]
    if len(path) > MAX_DEPTH:
        raise _malformed(name)
    place = form
    for step in path[:-1]:
        # Empty brackets append; Stripe's clients write `items[][price]` one member at a time.
        inner = place.setdefault(step or str(len(place)), {})
        if isinstance(inner, str):
            raise _malformed(name)
        place = inner
    last = path[-1] or str(len(place))
    if isinstance(place.get(last), dict):
        raise _malformed(name)
    place[last] = value


def _malformed(name: str) -> Problem:
    return invalid_request(f"Invalid parameter name: {name}", param=name)


def as_json(form: Form) -> dict[str, object]:
    """Return the form for people: dicts with the keys 0, 1, 2, … become lists."""
    return {name: _listed(value) for name, value in form.items()}


def _listed(value: str | Form) -> object:
    if isinstance(value, str):
        return value
    if value and list(value) == [str(index) for index in range(len(value))]:
        return [_listed(member) for member in value.values()]
    return as_json(value)
