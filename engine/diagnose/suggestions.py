"""Suggest what was meant by an unknown name: the nearest builder, verb or setter.

People guess from Stripe's own libraries, from its API reference, or from habits of another language.
Each rule here knows one such way. The nearest spelling is only the last of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from stripe_flows.engine.nearest import did_you_mean, nearest
from stripe_flows.engine.sandbox.builders import CREATE, own_methods, setter, setters, written
from stripe_flows.engine.stripe.catalog import MANY, Builder, Catalog, Shape

_SYNONYMS = {
    "retrieve": ("get", "fetch", "find", "load", "read", "show"),
    "delete": ("remove", "destroy", "del"),
    "update": ("modify", "save", "edit", "patch", "set", "change"),
    "create": (
        *("execute", "send", "submit", "run", "commit", "post", "call", "dispatch", "build"),
        *("insert", "add", "new", "make"),
    ),
    "list": ("all", "auto_paging_iter", "each", "iterate"),
}
_ALSO = {"delete": "cancel", "cancel": "void"}
"""The verb that Stripe has where it lacks the usual one."""

_MEANT = {
    **dict.fromkeys(("proration", "prorate"), "proration_behavior"),
    **dict.fromkeys(("card", "token"), "source"),
    **dict.fromkeys(("trial_days", "trial"), "trial_period_days"),
}
"""Setters by another or a former name."""

_PARTS = {("invoice", "lines"): "new_invoice_item()", ("invoice", "items"): "new_invoice_item()"}
"""Names that are not parameters of a resource but have a call of their own."""

_OTHER_WORDS = {"lines": "line_items", "source": "payment_source", "sources": "payment_sources"}
"""Words of Stripe's libraries, and the catalog's words for them."""

_FEW = 2
"""Limit of setters with a field of the same name. The shortest is suggested; of more, none is."""

_BUILDER_NOW = dict.fromkeys(
    ("new_usage_record", "new_subscription_item_usage_record", "usage_record"),
    "new_billing_meter_event",
)

_VERB_OF = {word: verb for verb, words in _SYNONYMS.items() for word in words}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def snake(name: str) -> str:
    """Turn `paymentMethod` and `PaymentMethod` into `payment_method`."""
    return _HUMP.sub("_", name).lower()


def method_hint(catalog: Catalog, builder: Builder, name: str) -> tuple[str, bool]:
    """Return the hint after `… has no NAME`, and whether a verb is meant."""
    known, own = setters(catalog, builder.name), own_methods(builder)
    plain = snake(name)
    if plain in known:
        return did_you_mean([plain]), False
    if _MEANT.get(plain) in known:
        return did_you_mean([_MEANT[plain]]), False
    if part := _PARTS.get((builder.resource, plain)):
        return f"; did you mean {part}?", False
    if within := _within(catalog, builder, plain):
        return f"; did you mean {within}?", False
    verb = plain.removesuffix("_async").rstrip("_")
    for meant in _verbs_of(builder.resource, verb):
        if meant in builder.verbs:
            return did_you_mean([f"{meant}_async"]), True
    for meant in _verbs_of(builder.resource, verb):
        if call := _same_resource(catalog, builder.resource, meant):
            return f"; did you mean {call}?", True
    if call := _other_resource(catalog, builder.resource, verb, builder):
        return f"; did you mean {call}?", True
    if not plain.endswith("_async"):
        return nearest(plain, [*known, *own]), False
    asks = [f"{one}_async" for one in builder.verbs]
    close = get_close_matches(verb, builder.verbs, n=1)
    return did_you_mean([f"{close[0]}_async"]) if close else f"; it has {', '.join(asks)}", True


def meant_call(catalog: Catalog, resource: str, name: str) -> str | None:
    """Return the call for a method of Stripe's libraries, of the class of `resource`.

    `void_invoice` → `invoice(id).void_async()`. None if it is not clear which call is meant.
    """
    verb = snake(name).removesuffix("_async").rstrip("_")
    for meant in _verbs_of(resource, verb):
        if call := _same_resource(catalog, resource, meant):
            return call
    return _other_resource(catalog, resource, verb)


def _verbs_of(resource: str, verb: str) -> Iterator[str]:
    """Yield the names that a verb may have here.

    It may be itself, its usual name, or without the resource's name (Stripe's libraries have
    `void_invoice`).
    """
    words = resource.split("_")
    own = ["_".join(words[at:]) for at in range(len(words))]
    stripped = [verb.removesuffix(f"_{one}") for one in own if verb.endswith(f"_{one}")]
    stripped += [verb.replace(f"_{one}_", "_") for one in own if f"_{one}_" in verb]
    for one in dict.fromkeys([verb, *stripped]):
        usual = _VERB_OF.get(one, one)
        yield from dict.fromkeys([one, usual, *([_ALSO[usual]] if usual in _ALSO else [])])


def setter_hint(catalog: Catalog, builder: Builder, name: str) -> str:
    """Return the hint for a setter without a value: the builder of what it seems to ask for."""
    call = _other_resource(catalog, builder.resource, name, builder)
    return f"; did you mean {call}?" if call else ""


def builder_hint(catalog: Catalog, name: str) -> str:
    """Return the hint of the builders near to a name or its words, or an empty string."""
    plain = snake(name)
    if plain in _BUILDER_NOW:
        return did_you_mean([_BUILDER_NOW[plain]])
    operation = catalog.operations.get(plain)
    if operation is not None and plain not in catalog.builders:
        return f"; did you mean {written(operation)}?"
    if not plain.startswith("new_") and f"new_{plain}" in catalog.builders:
        return did_you_mean([f"new_{plain}"])
    close = get_close_matches(plain, catalog.builders, n=1, cutoff=0.85)
    if close:
        return did_you_mean(close)
    if plain.endswith("_id"):
        return ""  # a variable, rather
    words = set(plain.split("_"))
    holding = [one for one in catalog.builders if words <= set(one.split("_"))]
    if holding:
        return did_you_mean(sorted(holding, key=lambda one: (one.count("_"), one))[:3])
    return did_you_mean(get_close_matches(plain, catalog.builders, n=1, cutoff=0.75))


def _within(catalog: Catalog, builder: Builder, name: str) -> str | None:
    """Return the setter whose dicts have a field of that name: `items([{'price': …}])`."""
    found: dict[str, None] = {}
    for operations in builder.verbs.values():
        for operation in operations.values():
            for parameter, shape in catalog.operations[operation].parameters.items():
                if form := _form(catalog, shape, name):
                    found[f"{setter(parameter)}({form})"] = None
    return min(found, key=len) if 1 <= len(found) <= _FEW else None


def _form(catalog: Catalog, shape: Shape, name: str) -> str | None:
    """Return how a value of that shape is written with a field `name`; None if it has none."""
    shape = catalog.resolve(shape)
    if not isinstance(shape, dict):
        return None
    if "object" in shape:
        has = name in catalog.object_fields(shape["object"])[0]
        return f"{{{name!r}: …}}" if has else None
    if "list" in shape:
        form = _form(catalog, shape["list"], name)
        return f"[{form}]" if form else None
    inner = [shape["unset"]] if "unset" in shape else shape.get("any_of", [])
    assert isinstance(inner, list)
    return next((form for one in inner if (form := _form(catalog, one, name))), None)


def _same_resource(catalog: Catalog, resource: str, verb: str) -> str | None:
    """Return the call of a verb that the resource has, by any of its builders."""
    for other in catalog.builders.values():
        if other.resource == resource and verb in other.verbs:
            return _call(catalog, other, verb)
    return None


def _other_resource(
    catalog: Catalog, resource: str, name: str, asked: Builder | None = None
) -> str | None:
    """Return the call of something that belongs to the resource: `customer("cus_1").tax_ids()`.

    The builder that was `asked` is left out.
    """
    before = name.partition("_")[0]
    own = _VERB_OF.get(before, before)
    for candidate in _candidates(resource, name):
        other = catalog.builders.get(candidate)
        if other is None or other is asked:
            continue
        within = candidate.removeprefix("new_").startswith(f"{resource}_")
        link = resource if resource in setters(catalog, other.name) else None
        if within or link is not None:
            verbs = [verb for verb in (own, CREATE, *MANY, "retrieve") if verb in other.verbs]
            return _call(catalog, other, verbs[0] if verbs else next(iter(other.verbs)), link)
    return None


def _candidates(resource: str, name: str) -> Iterator[str]:
    before, _, rest = name.partition("_")
    verb = _VERB_OF.get(before, before)
    if rest in _OTHER_WORDS:
        yield from _candidates(resource, f"{before}_{_OTHER_WORDS[rest]}")
    if rest and verb == CREATE:
        yield from (f"new_{resource}_{rest}", f"new_{rest}")
    elif rest and verb in (*MANY, "retrieve", "delete", "update"):
        yield from (f"{resource}_{rest}", f"{resource}_{rest}s", rest, f"{rest}s")
    yield from (f"{resource}_{name}", f"{resource}_{name}s", f"new_{resource}_{name}")
    yield from (name, f"new_{name}")


def _call(catalog: Catalog, builder: Builder, verb: str, link: str | None = None) -> str:
    names = builder.verbs[verb]
    call = written(catalog.operations[names[max(names)]])
    begin, _, end = call.rpartition(".")
    return f"{begin}.{link}(…).{end}" if link is not None else call
