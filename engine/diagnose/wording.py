"""Messages for mistakes that both a run and the check of a text can find, so that both say the same."""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterable
from difflib import get_close_matches

from stripe_flows.engine.answer import AnswerKind
from stripe_flows.engine.nearest import did_you_mean, nearest
from stripe_flows.engine.sandbox.builders import CREATE, setters
from stripe_flows.engine.sandbox.prelude import answer_names
from stripe_flows.engine.sandbox.records import NEXT_PAGE
from stripe_flows.engine.stripe.catalog import Builder, Catalog

from .not_in_sandbox import MODULES, why_absent
from .stripe_library import sdk_call
from .suggestions import builder_hint, method_hint, setter_hint

POSITIONAL = ("worker_id", "context_id", "stripe_secret")
OPTIONS = (*POSITIONAL, "params", "then", "on_error", "idempotency_key", "stripe_account")
"""The options of every `…_async`."""

RETURN = "cannot be read: 'return' is outside any function; a script ends at its last line"
CHANGES_NOTHING = "this changes nothing at Stripe: what it has is changed by a call, update_async()"
PAGED_IN_A_LOOP = (
    "next_page() in a loop: once is enough, the next page comes to this flow again, as parsed_data"
)

_FEW = 8
"""Limit of the keys of params that a message lists."""

_OPTION_OF = {
    **dict.fromkeys(("api_key", "key", "secret", "secret_key", "stripe_key"), "stripe_secret"),
    **dict.fromkeys(("callback", "on_success", "on_response", "next", "flow"), "then"),
    **dict.fromkeys(("on_failure", "error", "errback", "error_flow", "otherwise"), "on_error"),
    **dict.fromkeys(("queue", "worker"), "worker_id"),
    **dict.fromkeys(("account", "connected_account"), "stripe_account"),
    **dict.fromkeys(("data", "args", "kwargs", "state"), "params"),
}
_CONSTANTS = {
    **dict.fromkeys(("true", "TRUE"), "True"),
    **dict.fromkeys(("false", "FALSE"), "False"),
    **dict.fromkeys(("null", "NULL", "nil", "none", "undefined"), "None"),
}
_IMPORTED_FROM = {
    **dict.fromkeys(("date", "timedelta", "timezone"), "datetime"),
    "datetime": "datetime",
    "Decimal": "decimal",
    "dataclass": "dataclasses",
}
_CONTINUED = {"response": "a call's response", "error": "a call's error or unknown outcome"}


def no_name(catalog: Catalog, name: str, kind: AnswerKind | None, known: Iterable[str]) -> str:
    """Return the message for an undefined name, in a flow that continues an answer of `kind`, if any.

    `known` are the names that the text could have meant, besides the builders.
    """
    for answer, continued in _CONTINUED.items():
        if name in answer_names(answer):
            here = answer_names(kind)[name in ("parsed_data", "parsed_error")] if kind else ""
            instead = f"; here it is {here}" if here else ""
            return f"{name} is there only in a flow that continues {continued}{instead}"
    if name == "call":
        return "call is there only in a flow that continues a call"
    if name == NEXT_PAGE:
        return "next_page is there only in a flow that continues a list's or a search's response"
    if name.startswith(("v2_", "new_v2_")):
        return f"there is no {name}(): Stripe's API v2 is not reached, only v1"
    if name == "StripeClient":
        return f"{name!r} is not there: builders stand in its place, such as new_refund()"
    if name in _CONSTANTS:
        return f"{name!r} is not defined{did_you_mean([_CONSTANTS[name]])}"
    reason = why_absent(name)
    if reason is not None:
        return f"{name!r} is not there: {reason}"
    if name == "UTC":
        return "'UTC' is not defined; write timezone.utc: from datetime import timezone"
    if name in _IMPORTED_FROM:
        return f"{name!r} is not defined; import it: from {_IMPORTED_FROM[name]} import {name}"
    if name in MODULES:
        return f"{name!r} is not defined; import it: import {name}"
    if name in dir(builtins):
        return f"{name!r} is not there: the sandbox does not have it, though Python does"
    if name.startswith("new_"):
        return f"there is no {name}(){builder_hint(catalog, name)}"
    own = [one for one in known if one not in catalog.builders]
    close = did_you_mean(get_close_matches(name, own, n=1, cutoff=0.75))
    return f"{name!r} is not defined{close or builder_hint(catalog, name)}"


def written_otherwise(name: str, translated: str) -> str:
    """Return the message for a name that begins a call of Stripe's libraries, with its translation."""
    return f"{name!r} is not there: {translated}"


def no_method(catalog: Catalog, builder: Builder, name: str) -> str:
    """Return the message for an unknown method of a builder: no such verb, or no such parameter."""
    hint, verb = method_hint(catalog, builder, name)
    if verb or name.endswith("_async"):
        return f"{builder.name}() has no {name}(){hint}"
    return f"{builder.name}() has no parameter {name!r}{hint}"


def no_field(name: str, paths: dict[str, str], holder: str = "parsed data") -> str:
    """Return the message for a missing field of parsed data. `paths`: all fields and their places."""
    if name in paths:
        return f"{holder} has no field {name!r} here; there is {paths[name]}"
    if name.isdigit():
        return f"{holder} has no field {name!r}; the objects of a list are in its data"
    return f"{holder} has no field {name!r}{nearest(name, paths)}"


def no_param(name: str, params: Collection[str]) -> str:
    """Return the message for a key that `params` does not have."""
    listed = ", ".join(map(repr, [*params][:_FEW])) + (", …" if len(params) > _FEW else "")
    has = f"; it has {listed}" if params else "; it is empty"
    return f"params has no {name!r}{nearest(name, params) or has}"


def no_option(function: str, name: str, settable: bool) -> str:
    """Return the message for a keyword that a verb does not accept. `settable`: it is a setter."""
    if (function, name) == ("cancel_async", "at_period_end"):
        call = ".cancel_at_period_end(True).update_async()"
        return f"{function}() has no parameter {name!r}; did you mean {call}?"
    if settable:
        return f"{function}() does not take {name!r}: set it before, with .{name}(…)"
    if name in _OPTION_OF:
        return f"{function}() has no parameter {name!r}{did_you_mean([_OPTION_OF[name]])}"
    return f"{function}() has no parameter {name!r}{nearest(name, OPTIONS)}"


def too_many_options(function: str) -> str:
    """Return the message for too many arguments by position of a verb."""
    return f"{function}() takes {', '.join(POSITIONAL)} by position; name the others: then='…'"


def no_keyword(catalog: Catalog, builder: Builder, name: str) -> str:
    """Return the message for a keyword argument of a builder's function."""
    if name in setters(catalog, builder.name):
        return (
            f"{builder.name}() does not take {name!r}: "
            f"set it after the brackets, {builder.name}().{name}(…)"
        )
    ids = "takes ids by position" if builder.takes_ids else "takes nothing in its brackets"
    return f"{builder.name}() {ids}, without {name!r}; setters take the rest"


def no_ids(catalog: Catalog, builder: Builder) -> str:
    """Return the message for an argument of a builder's function that accepts no ids."""
    one = catalog.builders.get(builder.resource)
    said = f"{builder.name}() takes nothing in its brackets; setters take the rest"
    if one is not None and one.takes_ids:
        return f"{said}, and one that exists is {one.name}('…')"
    return said


def one_value(catalog: Catalog, builder: Builder | None, setter: str, values: int) -> str:
    """Return the message for a setter that was not called with exactly one value."""
    hint = setter_hint(catalog, builder, setter) if builder is not None and not values else ""
    return f"{setter}() takes exactly one value{hint}"


def no_named_value(setter: str, name: str) -> str:
    """Return the message for a keyword argument of a setter."""
    return f"{setter}() takes one value, without {name!r}; several are a dict: {{{name!r}: …}}"


def no_brackets(catalog: Catalog, function: str, name: str) -> str:
    """Return the message for a builder's function that is used without being called."""
    if name not in setters(catalog, function) and (meant := sdk_call(catalog, (function, name))):
        return f"{function} is a function: it needs its brackets; did you mean {meant}?"
    return f"{function} is a function: it needs its brackets, {function}(…).{name}"


def no_nested(setter: str, name: str) -> str:
    """Return the message for an attribute of a setter, as if it were an object."""
    return f"{setter} is a setter: it takes what it holds as a dict, {setter}({{{name!r}: …}})"


def not_sent(builder: Builder) -> str:
    """Return the message for a builder on which no verb was called."""
    usual = (f"{CREATE}_async", "list_async", "retrieve_async")
    verbs = sorted((f"{verb}_async" for verb in builder.verbs), key=lambda verb: verb not in usual)
    such = "" if len(verbs) == 1 else ", or another of its verbs"
    return f"{builder.name}() was built and not sent: end it with .{verbs[0]}(…){such}"


def no_setting(name: str) -> str:
    """Return the message for an assignment to an attribute of a builder."""
    return f"{name} cannot be assigned: a builder is set by calls, such as .{name}(…)"


def no_item(builder: Builder) -> str:
    """Return the message for an assignment to a builder by brackets."""
    return f"{builder.name}() is set by calls, such as .metadata(…), and not by brackets"


def no_member(builder: str, name: str) -> str:
    """Return the message for a key of a builder, as if it were the object."""
    return (
        f"{builder}() only prepares a call, and holds no {name!r}; "
        "Stripe's answer comes to the flow that continues it, as parsed_data"
    )


def no_reading(builder: str, name: str) -> str:
    """Return the message for a setter without brackets whose value seems to be meant."""
    return (
        f"{name} is a setter and holds no value: {builder}() only prepares a call; "
        "Stripe's answer comes to the flow that continues it, as parsed_data"
    )


def name_taken(name: str, line: int) -> str:
    """Return the message for a call of a builder's name that the script gave to something else."""
    return f"{name} is not a builder here: line {line} gives the name to something else"


def no_answer(verb: str, name: str) -> str:
    """Return the message for an attribute or a key of the string that a verb returns."""
    return (
        f"{verb}() returns a string at once, without {name!r}; "
        "Stripe's answer comes to the flow that continues it, as parsed_data"
    )


def no_items(verb: str) -> str:
    """Return the message for a loop over the string that a verb returns."""
    return (
        f"{verb}() returns a string at once, not the list; "
        "it comes to the flow that continues it, as parsed_data.data"
    )


def no_waiting(verb: str) -> str:
    """Return the message for an `await` before a verb."""
    return f"{verb}() is not awaited: it records the call and returns a string at once"


def no_attribute(holder: str, name: str) -> str:
    """Return the message for a key of a dict that is asked for with a dot."""
    return f"{holder} is a dict: its members are reached by brackets, {holder}[{name!r}]"
