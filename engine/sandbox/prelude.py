"""The text that runs in the sandbox before a script: builders, the secret's handle, parsed data.

It goes in with the script as one text, in one turn. (A dumped session would be loaded about as fast,
but it brings its own clock and random seed with it, and those belong to the execution.) Setters only
store; the host checks once, at the end. To find the line of a mistake the script is run again with
setters that count their calls: see tracing.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from stripe_flows.engine.answer import readable
from stripe_flows.engine.scope import Scope
from stripe_flows.engine.stripe.catalog import stripe_catalog
from stripe_flows.engine.types import JSONObject

from .builders import request_text, text_of
from .pages import has_more, is_page
from .reading import Reading

STOP = "_sf_stop"
"""The host function that a traced script calls for ever once it has reached its target."""


def _part(name: str) -> str:
    text = Path(__file__).with_name(f"{name}.monty").read_text(encoding="utf-8")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


_SECRET, _CALLS, _PAGES, _TRACING, _NOTING, _ASSIGNED = map(
    _part, ("secret", "calls", "pages", "tracing", "noting", "assigned")
)
_NAMES = "import json as _sf_json\n_sf_type = type\n"

# The class of parsed data, cut before each method.
_DATA = tuple(re.split(r"(?m)^(?=    def |def )", _part("data")))
_METHOD = re.compile(r"    def ([a-z]\w*)\(")


@dataclass(frozen=True)
class Prelude:
    """`text` goes before the script: its first line is line `lines + 1` of the whole. `tail` goes
    behind it: the recorded calls, the names of the builders that were made, and the lines of
    both where they are noted, are the value of the whole."""

    text: str
    lines: int
    tail: str


@lru_cache(maxsize=256)
def prelude(
    reading: Reading,
    kind: str | None,
    traced: bool,
    page_of: str | None = None,
    further: frozenset[str] = frozenset(),
    lenient: bool = False,
    noted: bool = False,
) -> Prelude:
    """The prelude for a script of which `reading` is known, continuing an answer of `kind`.

    `page_of` is the resource of which that answer is a page, if it is one. `further` names builders
    that are needed though the text does not plainly name them. `lenient`: setters that are not there
    are noted and do not stop it. `noted`: the script's text notes its lines (see placed.py).
    """
    catalog = stripe_catalog()
    found = catalog.builders
    names = [name for name in reading.functions if name in found]
    names += sorted(further - set(names))
    builders = [text_of(found[name], catalog, reading, traced, lenient) for name in names]
    if page_of is not None and reading.names("next_page"):
        builders.append(_page(page_of, traced))
    answer = _answer(reading, kind) if kind is not None else ""
    parts = [_NAMES] if builders or answer else []
    if builders or reading.names("stripe_secret"):
        parts.append(_SECRET)
    if builders:
        parts += [_CALLS, _TRACING] if traced else [_CALLS]
        parts += [_NOTING] if noted else []
        parts += [_ASSIGNED] if reading.assigned else []
        parts.append("_sf_params = params\n" if reading.names("params") else "_sf_params = None\n")
    text = "".join([*parts, *builders, answer])
    # Without builders there are no calls, and the script's own last value is of no interest.
    lines = ", _sf_lines, _sf_made_at" if noted else ""
    tail = f"\n\n[_sf_records, _sf_made{lines}]" if builders else "\n\n[[], []]"
    return Prelude(text, text.count("\n"), tail)


def inputs(reading: Reading, scope: Scope) -> JSONObject:
    """The values that the prelude and the script find as globals: values, never source."""
    given: JSONObject = {}
    for name in ("worker_id", "context_id", "params"):
        if reading.names(name):
            given[name] = getattr(scope, name)
    if scope.answered is not None:
        text, parsed = answer_names(scope.answered.kind)
        if reading.names(text):
            given[text] = scope.answered.body
        if reading.names(parsed):
            given["_sf_body"] = readable(scope.answered.body)
        if reading.names("call"):
            given["_sf_call"] = scope.answered.call.shown()
        if reading.names("next_page") and is_page(scope.answered):
            given["_sf_more"] = has_more(scope.answered)
    return given


def answer_names(kind: str) -> tuple[str, str]:
    """The names of an answer's text and of its parsed data in a flow for answers of `kind`."""
    return (
        ("response_json", "parsed_data") if kind == "response" else ("error_json", "parsed_error")
    )


def _page(resource: str, traced: bool) -> str:
    step = "_sf_step()" if traced else "0"
    return f"_sf_text = {request_text(resource)!r}\n{_PAGES.replace('_sf_step()', step)}"


def _answer(reading: Reading, kind: str) -> str:
    _, parsed = answer_names(kind)
    wanted = [name for name in (parsed, "call") if reading.names(name)]
    if not wanted:
        return ""
    named = None if reading.dynamic else tuple(sorted(reading.attributes))
    parts = [f"_sf_named = {named!r}\n"]
    for piece in _DATA:
        method = _METHOD.match(piece)
        if method is None or reading.names(method[1]):
            parts.append(piece)
    if parsed in wanted:
        parts.append(f"{parsed} = _sf_parsed(_sf_body)\n")
    if "call" in wanted:
        parts.append("call = _sf_wrap(_sf_call)\n")
    return "".join(parts)
