"""Make the text that runs before a script: builders, the secret's handle, parsed data.

It goes in with the script as one text, in one turn. (A dumped session would be loaded about as fast,
but it brings its own clock and random seed, and those belong to the execution.)
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

from .builders import PLAIN, Methods, request_text, text_of
from .pages import has_more, is_page
from .reading import Reading


def part(path: Path) -> str:
    """Return the text of a `.monty` file without its comments."""
    text = path.read_text(encoding="utf-8")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


_HERE = Path(__file__).parent
_SECRET, _CALLS, _PAGES, _ASSIGNED, _PARSED = (
    part(_HERE / f"{name}.monty") for name in ("secret", "calls", "pages", "assigned", "data")
)
_NAMES = "import json as _sf_json\n_sf_type = type\n"

# The class of parsed data, cut before each method.
_DATA = tuple(re.split(r"(?m)^(?=    def |def )", _PARSED))
_METHOD = re.compile(r"    def ([a-z]\w*)\(")


@dataclass(frozen=True)
class Prelude:
    """The text around a script.

    `text` goes before the script, so that the script's first line is line `lines + 1` of the whole.
    `tail` follows it: its value is the value of the whole, the recorded calls and the names of the
    builders that were made.
    """

    text: str
    lines: int
    tail: str


@lru_cache(maxsize=256)
def prelude(
    reading: Reading,
    kind: str | None,
    page_of: str | None = None,
    methods: Methods = PLAIN,
    builders: frozenset[str] = frozenset(),
) -> Prelude:
    """Return the prelude for a script of which `reading` is known, continuing an answer of `kind`.

    `page_of` is the resource whose page that answer is, if it is a page. `builders` are defined in
    addition to those that the text names.
    """
    catalog = stripe_catalog()
    found = catalog.builders
    names = [name for name in reading.functions if name in found]
    names += sorted(builders - set(names))
    classes = [text_of(found[name], catalog, reading, methods) for name in names]
    if page_of is not None and reading.names("next_page"):
        classes.append(_page(page_of, methods))
    answer = _answer(reading, kind) if kind is not None else ""
    parts = [_NAMES] if classes or answer else []
    if classes or reading.names("stripe_secret"):
        parts.append(_SECRET)
    if classes:
        parts += [_CALLS, methods.before]
        parts += [_ASSIGNED] if reading.assigned else []
        parts.append("_sf_params = params\n" if reading.names("params") else "_sf_params = None\n")
    text = "".join([*parts, *classes, answer])
    # Without builders there are no calls, and the script's own last value does not matter.
    tail = f"\n\n{methods.value}" if classes else "\n\n[[], []]"
    return Prelude(text, text.count("\n"), tail)


def inputs(reading: Reading, scope: Scope) -> JSONObject:
    """Return the values that the prelude and the script find as globals: values, never source."""
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
    """Return the names of an answer's text and of its parsed data in a flow for answers of `kind`."""
    return (
        ("response_json", "parsed_data") if kind == "response" else ("error_json", "parsed_error")
    )


def _page(resource: str, methods: Methods) -> str:
    text = _PAGES.replace("_sf_step()", methods.step)
    return f"_sf_text = {request_text(resource)!r}\n{text}"


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
