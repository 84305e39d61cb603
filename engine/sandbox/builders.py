"""The builders' text: for each function that begins a call, a class with the setters and verbs that
the script's text names, and no others.

The names are those of the catalog. A setter is called like its parameter, with an underscore behind
it where that is a Python keyword or one of a builder's own methods: `from_`.
"""

from __future__ import annotations

import keyword

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

_PLAIN_UNCHECKED = """\
    def unchecked(self, name, value):
        self._p[name] = value
        self._free.append(name)
        return self
"""

_TRACED_UNCHECKED = """\
    def unchecked(self, *values, **named):
        _sf_unchecked(self, values, named)
        return self
"""

_UNKNOWN = """\
    def {method}(self, *values, **named):
        self._set[{method!r}] = {step}
        self._bad.append({method!r})
        {end}
"""


def setter(parameter: str) -> str:
    """The setter's name. A Python keyword or a builder's own method gets an underscore behind it."""
    own = parameter in (CREATE, UNCHECKED) or parameter.endswith("_async")
    return f"{parameter}_" if own or keyword.iskeyword(parameter) else parameter


def setters(catalog: Catalog, builder: str) -> dict[str, str]:
    """A builder's setters, each with the parameter it sets: those of all its verbs."""
    return {setter(name): name for name in catalog.parameters_of(builder)}


def own_methods(builder: Builder) -> list[str]:
    """A builder's methods that are not setters: one for each verb, `create`, `unchecked`."""
    methods = [f"{verb}_async" for verb in builder.verbs]
    return [*methods, *((CREATE,) if CREATE in builder.verbs else ()), UNCHECKED]


def text_of(
    builder: Builder, catalog: Catalog, reading: Reading, traced: bool, lenient: bool = False
) -> str:
    """The class and the function of one builder, as far as `reading` names their methods.

    `lenient`: a setter that is not there is noted, and the script goes on.
    """
    class_name = f"_sf_{builder.name}"
    step = "_sf_step()" if traced else "0"
    known = setters(catalog, builder.name)
    assigned = tuple(sorted(reading.assigned & known.keys()))
    before = f"        _sf_assigned(self, {assigned!r})\n" if assigned else ""
    template = _TRACED_SETTER if traced else _PLAIN_SETTER
    parts = [_CLASS.format(class_name=class_name, name=builder.name)]
    parts += [template.format(method=m, name=p) for m, p in known.items() if reading.names(m)]
    if reading.names(UNCHECKED):
        parts.append(_TRACED_UNCHECKED if traced else _PLAIN_UNCHECKED)
    for verb in builder.verbs:
        if reading.names(f"{verb}_async") or (verb == CREATE and reading.names(CREATE)):
            record = f"{builder.name}.{verb}"
            text = request_text(builder.resource)
            parts.append(
                _VERB.format(verb=verb, before=before, record=record, step=step, text=text)
            )
            if verb == CREATE:
                parts.append("    create = create_async\n")
    if reading.guarded or lenient:
        unknown = reading.called - known.keys() - set(own_methods(builder))
        parts += [
            _UNKNOWN.format(
                method=method,
                step=step,
                end="return self" if lenient else _raised(class_name, method),
            )
            for method in sorted(unknown)
            if not method.startswith("_")
        ]
    if builder.takes_ids:
        parts.append(f"def {builder.name}(*ids):\n    return {class_name}(ids)\n")
    elif traced:
        parts.append(
            f"def {builder.name}(*ids):\n    _sf_no_ids({builder.name!r}, ids)\n"
            f"    return {class_name}()\n"
        )
    else:
        parts.append(f"def {builder.name}():\n    return {class_name}()\n")
    return "".join(parts)


def _raised(class_name: str, method: str) -> str:
    return f"raise AttributeError({f'{class_name!r} object has no attribute {method!r}'!r})"


def written(operation: Operation) -> str:
    """What a script writes to call it: `payment_intent(id).confirm_async()`."""
    builder, verb = builder_verb(operation.name, operation.resource, operation.verb)
    ids = list(operation.path_parameters)
    if ids and verb != CREATE and verb not in MANY:
        ids[-1] = "id"
    return f"{builder}({', '.join(ids)}).{verb}_async()"


def request_text(resource: str) -> str:
    """What every verb gives back at once: `payment_intent_request_dispatched`."""
    return f"{resource}_request_dispatched"
