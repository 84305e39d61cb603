"""The text that runs in the sandbox before a script: builders, the secret's handle, parsed data.

It goes in with the script as one text, in one turn. (A dumped session would be loaded about as fast,
but it brings its own clock and random seed with it, and those belong to the execution.) Setters only
store; the host checks once, at the end. To find the line of a mistake the script is run again with
setters that count their calls: see tracing.py.
"""

from __future__ import annotations

import json
import keyword
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from stripe_flows.engine.sandbox.reading import Reading
from stripe_flows.engine.scope import Scope
from stripe_flows.engine.stripe.catalog import Catalog, Operation, stripe_catalog
from stripe_flows.engine.types import JSONObject

STOP = "_sf_stop"
"""The host function that a traced script calls for ever once it has reached its target."""

OWN_METHODS = ("create", "create_async")


def _part(name: str) -> str:
    text = Path(__file__).with_name(f"{name}.monty").read_text(encoding="utf-8")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))


_SECRET, _CALLS, _TRACING = map(_part, ("secret", "calls", "tracing"))
_NAMES = "import json as _sf_json\n_sf_type = type\n"

# The class of parsed data, cut before each method.
_DATA = tuple(re.split(r"(?m)^(?=    def |def )", _part("data")))
_METHOD = re.compile(r"    def ([a-z]\w*)\(")

_CREATE = """\
    def create_async(self, worker_id=None, context_id=None, stripe_secret=None, *, \
params=None, then=None, idempotency_key=None, stripe_account=None):
        _sf_record({operation!r}, self, {step}, worker_id, context_id, stripe_secret, \
params, then, idempotency_key, stripe_account)
        return {text!r}
    create = create_async
"""

_PLAIN_SETTER = """\
    def {method}(self, value):
        self._p[{name!r}] = value
        return self
"""

_TRACED_SETTER = """\
    def {method}(self, *values, **named):
        _sf_set(self, {method!r}, {name!r}, values, named)
        return self
"""

_UNKNOWN = """\
    def {method}(self, *values, **named):
        {step}
        self._bad.append({method!r})
        raise AttributeError("{class_name!r} object has no attribute {method!r}")
"""


@dataclass(frozen=True)
class Prelude:
    """`text` goes before the script: its first line is line `lines + 1` of the whole. `tail` goes
    behind it: the recorded calls are the value of the whole."""

    text: str
    lines: int
    tail: str


@lru_cache(maxsize=256)
def prelude(reading: Reading, kind: str | None, traced: bool) -> Prelude:
    """The prelude for a script of which `reading` is known, continuing an answer of `kind`."""
    builders = [
        _builder(name, stripe_catalog().operations[builder.verbs["create"][0]], reading, traced)
        for name, builder in stripe_catalog().builders.items()
        if reading.names(name) and 0 in builder.verbs.get("create", ())
    ]
    answer = _answer(reading, kind) if kind is not None else ""
    parts = [_NAMES] if builders or answer else []
    if builders or reading.names("stripe_secret"):
        parts.append(_SECRET)
    if builders:
        parts += [_CALLS, _TRACING] if traced else [_CALLS]
        parts.append("_sf_params = params\n" if reading.names("params") else "_sf_params = None\n")
    text = "".join([*parts, *builders, answer])
    # Without builders there are no calls, and the script's own last value is of no interest.
    tail = "\n\n_sf_records" if builders else "\n\n[]"
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
            given["_sf_body"] = _readable(scope.answered.body)
        if reading.names("call"):
            given["_sf_call"] = scope.answered.call.model_dump(mode="json")
    return given


def _readable(body: str) -> str:
    """The JSON text without halves of surrogate pairs, at which the sandbox's parser gives up."""
    if "\\ud" not in body and "\\uD" not in body:
        return body
    try:
        return json.dumps(json.loads(body), ensure_ascii=False).encode(errors="replace").decode()
    except (ValueError, RecursionError):
        return body


def answer_names(kind: str) -> tuple[str, str]:
    """The names of an answer's text and of its parsed data in a flow for answers of `kind`."""
    return (
        ("response_json", "parsed_data") if kind == "response" else ("error_json", "parsed_error")
    )


def setter(parameter: str) -> str:
    """The setter's name. A Python keyword or a builder's own method gets an underscore behind it."""
    clash = keyword.iskeyword(parameter) or parameter in OWN_METHODS
    return f"{parameter}_" if clash else parameter


def setters(catalog: Catalog, builder: str) -> dict[str, str]:
    """A builder's setters, each with the parameter it sets."""
    return {setter(name): name for name in catalog.parameters_of(builder)}


def _builder(builder: str, operation: Operation, reading: Reading, traced: bool) -> str:
    class_name = f"_sf_{builder}"
    known = setters(stripe_catalog(), builder)
    template = _TRACED_SETTER if traced else _PLAIN_SETTER
    step = "_sf_step()" if traced else "0"
    parts = [
        f"class {class_name}:\n    def __init__(self):\n"
        "        self._p, self._bad, self._set = {}, [], {}\n"
    ]
    parts += [template.format(method=m, name=p) for m, p in known.items() if reading.names(m)]
    if reading.guarded:
        unknown = reading.called - known.keys() - frozenset(OWN_METHODS)
        parts += [
            _UNKNOWN.format(method=method, class_name=class_name, step=step)
            for method in sorted(unknown)
            if not method.startswith("_")
        ]
    text = f"{operation.resource}_request_dispatched"
    parts.append(_CREATE.format(operation=operation.name, text=text, step=step))
    parts.append(f"def {builder}():\n    return {class_name}()\n")
    return "".join(parts)


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
