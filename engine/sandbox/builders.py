"""Make the text of the builders' classes, as far as a script's text names their methods.

The names are those of the catalog. A setter is called like its parameter. An underscore follows where
the parameter is a Python keyword or one of a builder's own methods: `from_`.
"""

from __future__ import annotations

import keyword
from dataclasses import dataclass

from stripe_flows.engine.stripe.catalog import (
    MANY,
    Builder,
    Catalog,
    Operation,
    builder_verb,
)

from .reading import Reading

CREATE, UNCHECKED = "create", "unchecked"

_OPTIONS = (
    "worker_id=None, context_id=None, stripe_secret=None, *, "
    "params=None, then=None, on_error=None, idempotency_key=None, stripe_account=None"
)
_GIVEN = (
    "worker_id, context_id, stripe_secret, params, then, on_error, idempotency_key, stripe_account"
)

_CLASS = """\
class {class_name}:
    def __init__(self, ids=()):
        self._ids, self._p, self._bad, self._set, self._free = ids, {{}}, [], {{}}, []
        self._n = _sf_len(_sf_made)
        _sf_made.append({name!r})
"""

_VERB = f"""\
    def {{verb}}_async(self, {_OPTIONS}):
{{before}}        _sf_record({{record!r}}, self, {{step}}, {_GIVEN})
        return {{text!r}}
"""

_SETTER = """\
    def {method}(self, value):
        self._p[{name!r}] = value
        return self
"""

_UNCHECKED = """\
    def unchecked(self, name, value):
        self._p[name] = value
        self._free.append(name)
        return self
"""

_UNKNOWN = """\
    def {method}(self, *values, **named):
        self._set[{method!r}] = {step}
        self._bad.append({method!r})
        raise AttributeError({error!r})
"""

_WITH_IDS = "def {name}(*ids):\n    return {class_name}(ids)\n"
_WITHOUT_IDS = "def {name}():\n    return {class_name}()\n"


@dataclass(frozen=True, eq=False)
class Methods:
    """Templates for what the prelude defines.

    `step` is the expression that numbers a step of the script. `unknown` is a method that the builder
    does not have; it is defined where the script may catch the error of calling it, or always if
    `all_unknown`. `before` is text that goes before the builders, and `value` is the value of the
    whole: what the sandbox returns.
    """

    setter: str = _SETTER
    unchecked: str = _UNCHECKED
    unknown: str = _UNKNOWN
    all_unknown: bool = False
    without_ids: str = _WITHOUT_IDS
    step: str = "0"
    before: str = ""
    value: str = "[_sf_records, _sf_made]"


PLAIN = Methods()
"""The methods that every script runs with. Setters only store; the host checks once, at the end."""


def setter(parameter: str) -> str:
    """Return the setter's name. A Python keyword or a builder's own method gets an underscore."""
    own = parameter in (CREATE, UNCHECKED) or parameter.endswith("_async")
    return f"{parameter}_" if own or keyword.iskeyword(parameter) else parameter


def setters(catalog: Catalog, builder: str) -> dict[str, str]:
    """Return a builder's setters, each with the parameter it sets: those of all its verbs."""
    return {setter(name): name for name in catalog.parameters_of(builder)}


def own_methods(builder: Builder) -> list[str]:
    """Return a builder's methods that are not setters: one for each verb, `create`, `unchecked`."""
    methods = [f"{verb}_async" for verb in builder.verbs]
    return [*methods, *((CREATE,) if CREATE in builder.verbs else ()), UNCHECKED]


def text_of(builder: Builder, catalog: Catalog, reading: Reading, methods: Methods) -> str:
    """Return the class and the function of one builder, as far as `reading` names their methods."""
    class_name = f"_sf_{builder.name}"
    known = setters(catalog, builder.name)
    assigned = tuple(sorted(reading.assigned & known.keys()))
    before = f"        _sf_assigned(self, {assigned!r})\n" if assigned else ""
    parts = [_CLASS.format(class_name=class_name, name=builder.name)]
    template = methods.setter
    parts += [template.format(method=m, name=p) for m, p in known.items() if reading.names(m)]
    if reading.names(UNCHECKED):
        parts.append(methods.unchecked)
    for verb in builder.verbs:
        if reading.names(f"{verb}_async") or (verb == CREATE and reading.names(CREATE)):
            parts.append(
                _VERB.format(
                    verb=verb,
                    before=before,
                    record=f"{builder.name}.{verb}",
                    step=methods.step,
                    text=request_text(builder.resource),
                )
            )
            if verb == CREATE:
                parts.append("    create = create_async\n")
    if reading.guarded or methods.all_unknown:
        unknown = reading.called - known.keys() - set(own_methods(builder))
        parts += [
            methods.unknown.format(
                method=method,
                step=methods.step,
                error=f"{class_name!r} object has no attribute {method!r}",
            )
            for method in sorted(unknown)
            if not method.startswith("_")
        ]
    function = _WITH_IDS if builder.takes_ids else methods.without_ids
    parts.append(function.format(name=builder.name, class_name=class_name))
    return "".join(parts)


def written(operation: Operation) -> str:
    """Return how a script writes the call: `payment_intent(id).confirm_async()`."""
    builder, verb = builder_verb(operation.name, operation.resource, operation.verb)
    ids = list(operation.path_parameters)
    if ids and verb != CREATE and verb not in MANY:
        ids[-1] = "id"
    return f"{builder}({', '.join(ids)}).{verb}_async()"


def request_text(resource: str) -> str:
    """Return the string that every verb returns at once: `payment_intent_request_dispatched`."""
    return f"{resource}_request_dispatched"
