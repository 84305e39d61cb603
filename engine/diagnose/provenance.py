"""Find where a value came from that a script used wrongly. The text shows it, the error does not.

Monty says that a string has no `id`. The script shows that the string is what a call returned, or a
field of an answer. Only what the text shows clearly is reported.
"""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Callable, Iterable
from functools import lru_cache

from stripe_flows.engine.answer import json_object
from stripe_flows.engine.sandbox.prelude import answer_names
from stripe_flows.engine.sandbox.syntax_tree import is_verb, nodes_at, nodes_of
from stripe_flows.engine.scope import Answered, Scope
from stripe_flows.engine.stripe.catalog import Catalog
from stripe_flows.engine.types import JSONObject, JSONValue

from . import monty_messages as monty
from . import not_in_sandbox, wording


def no_attribute(
    source: str, line: int | None, kind: str, name: str, catalog: Catalog
) -> str | None:
    """Explain that a value of type `kind` has no attribute `name`; None if its origin is not clear.

    `line` is where it was asked for. If two places on that line do so, it is not clear which is meant.
    """
    # The call that returned the value is named only if it is certain. A name or a field may hold one.
    found = {
        said
        for node in nodes_at(source, line)
        if isinstance(node, ast.Attribute) and node.attr == name
        if (said := _said(source, kind, node.value, name, catalog)) is not None
        or isinstance(node.value, (ast.Name, ast.Attribute))
    }
    if len(found) > 1:
        return None
    return (found.pop() if found else None) or _lacking(source, kind, name)


def _lacking(source: str, kind: str, name: str) -> str | None:
    """Explain a method that Python's type has and the sandbox's has not."""
    if not not_in_sandbox.has_python(kind, name):
        return None
    called = {id(node.func) for node in nodes_of(source) if isinstance(node, ast.Call)}
    named = [n for n in nodes_of(source) if isinstance(n, ast.Attribute) and n.attr == name]
    bare = [node for node in named if id(node) not in called]
    return (
        not_in_sandbox.no_bare_method(bare[0])
        if bare == named and bare
        else not_in_sandbox.no_python_method(name)
    )


def _said(source: str, kind: str, value: ast.expr, name: str, catalog: Catalog) -> str | None:
    match kind, value:
        case "function", ast.Name(id=function) if function in catalog.builders:
            return wording.no_brackets(catalog, function, name)
        case "function", ast.Attribute(attr=setter):
            return wording.no_nested(setter, name)
        case "str", _ if verb := verb_of(source, value):
            return wording.no_answer(verb, name)
        case "str", ast.Attribute(attr=field):
            return (
                f"{field} is a string, without {name!r}; where it is an id, "
                f"the call before brings the object with .expand([{field!r}])"
            )
        case "str", ast.Name(id=member) if _walks_answer(source, member):
            return (
                f"a loop over an answer yields the names of its fields, strings without {name!r}; "
                "the objects of a list are in its data"
            )
        case "str", ast.Name(id=member) if walked := _walked_field(source, member):
            return (
                f"a loop over {walked} yields strings here, without {name!r}; "
                f"the objects of a list of Stripe's are in {walked}.data"
            )
        case "list", ast.Attribute() | ast.Name() if not not_in_sandbox.has_python("list", name):
            holder = ast.unparse(value)
            return f"{holder} is a list, without {name!r}; of its first it is {holder}[0].{name}"
        case "NoneType", ast.Attribute(attr=field) | ast.Name(id=field):
            return f"{field} is None here, without {name!r}"
        case "NoneType", ast.Call(func=ast.Attribute(attr="get")):
            return f"get() returned None here, without {name!r}"
        case "int" | "float" | "bool", ast.Attribute(attr=field):
            return f"{field} is of type {kind}, without {name!r}"
        case "dict", ast.Name(id=holder) if not not_in_sandbox.has_python("dict", name):
            return wording.no_attribute(holder, name)
    return None


def indexed_verb(source: str, line: int | None) -> tuple[str, str] | None:
    """Return the verb whose string is asked for a key, and the key: `result["id"]`."""
    for node in nodes_at(source, line):
        match node:
            case ast.Subscript(value=value, slice=ast.Constant(value=str(key))):
                if verb := verb_of(source, value):
                    return verb, key
    return None


def awaited_verb(source: str) -> str | None:
    """Return the verb that the script awaits."""
    awaited = (node.value for node in nodes_of(source) if isinstance(node, ast.Await))
    return next((verb for value in awaited if (verb := verb_of(source, value))), None)


def asks_params(source: str, key: str) -> bool:
    """Return whether the script asks `params` for the key, or for one that the text does not show.

    The text is searched by a pattern: this Python may not parse the f-strings of a newer one.
    """
    asked = rf"\bparams\s*\[\s*(?:(['\"]){re.escape(key)}\1|[^\W\d'\"])"
    return len(key) < 200 and re.search(asked, source) is not None


def no_field(source: str, answered: Answered | None, name: str) -> str:
    """Explain a missing field of the answer, or of the call where the text asks the call."""
    if answered is None:
        return wording.no_field(name, {})
    of_call = fields_of("call", answered.call.shown())
    asked = rf"\bcall\b[\w.\[\]'\"]{{0,200}}[.'\"]{re.escape(name)}\b"
    if len(name) < 200 and re.search(asked, source):
        return wording.no_field(name, of_call, "call")
    paths = fields_of(answer_names(answered.kind)[1], json_object(answered.body))
    # The call is only suggested for a name that it has, not for a similar one.
    return wording.no_field(name, paths if name in paths or name not in of_call else of_call)


def fields_of(begin: str, whole: JSONValue) -> dict[str, str]:
    """Return the names of all fields of a value, each with its first place."""
    paths: dict[str, str] = {}
    waiting: deque[tuple[str, JSONValue]] = deque([(begin, whole)])
    while waiting:
        path, value = waiting.popleft()
        if isinstance(value, dict):
            for name in value:
                paths.setdefault(name, f"{path}.{name}")
            waiting += [(f"{path}.{name}", member) for name, member in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{path}[{index}]", one) for index, one in enumerate(value)]
    return paths


def assignment_line(source: str, name: str) -> int | None:
    """Return the first line on which an attribute of that name is assigned."""
    lines = [
        node.lineno
        for node in nodes_of(source)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr == name
    ]
    return min(lines, default=None)


def verb_of(source: str, value: ast.expr) -> str | None:
    """Return the verb whose string an expression is, by the names in a script's text."""
    if isinstance(value, ast.Name):
        return _held_verb(source, value.id)
    return _called_verb(value)


def held_verb(values: Iterable[ast.expr], verb: Callable[[ast.expr], str | None]) -> str | None:
    """Return the only verb whose strings a variable with these values holds.

    None if it may hold something else. `verb` returns the verb that an expression calls.
    """
    verbs = {verb(value) if isinstance(value, ast.Call) else None for value in values}
    return verbs.pop() if len(verbs) == 1 else None


def _called_verb(value: ast.expr) -> str | None:
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        return value.func.attr if is_verb(value.func.attr) else None
    return None


@lru_cache(maxsize=64)
def _held_verb(source: str, name: str) -> str | None:
    return held_verb(_given_to(source, name), _called_verb)


def _walks_answer(source: str, member: str) -> bool:
    return any(
        isinstance(walked, ast.Name) and walked.id in ("parsed_data", "parsed_error")
        for walked in _given_to(source, member)
    )


def _walked_field(source: str, member: str) -> str | None:
    """Return the field that a loop goes through: `parsed_data.items`."""
    for walked in _given_to(source, member):
        if isinstance(walked, ast.Attribute):
            return ast.unparse(walked)
    return None


def _given_to(source: str, name: str) -> list[ast.expr]:
    return _givings(source).get(name, [])


@lru_cache(maxsize=16)
def _givings(source: str) -> dict[str, list[ast.expr]]:
    """Return the values of each variable of a script, by assignments and loops."""
    found: dict[str, list[ast.expr]] = {}
    for node in nodes_of(source):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found.setdefault(name, []).append(value)
            case ast.For(target=ast.Name(id=name), iter=value):
                found.setdefault(name, []).append(value)
    return found


def wrong_type(
    message: str, source: str, line: int | None, scope: Scope, catalog: Catalog
) -> str | None:
    """Explain a value that was used as another type; None if its origin is not clear.

    `line` is where it was used.
    """
    if found := monty.NOT_SUBSCRIPTABLE.match(message):
        return _indexed_builder(source, line, found[1])
    if monty.DATA_NOT_CALLABLE.match(message):
        return _called_field(source, line, scope.answered)
    if monty.NOT_CALLABLE.search(message):
        return _called_name(source, line, catalog)
    if monty.STRING_INDICES.match(message):
        if said := _text_in_params(source, line, scope.params):
            return said
        indexed = indexed_verb(source, line)
        return wording.no_answer(*indexed) if indexed else None
    return None


def _text_in_params(source: str, line: int | None, params: JSONObject) -> str | None:
    """Explain a key of a string in `params`: `params["customer"]["id"]`."""
    for node in nodes_at(source, line):
        match node:
            case ast.Subscript(
                value=ast.Subscript(
                    value=ast.Name(id="params"), slice=ast.Constant(value=str(key))
                ),
                slice=ast.Constant(value=str(name)),
            ) if isinstance(params.get(key), str):
                return f"params[{key!r}] is a string, without {name!r}; an id is the string itself"
    return None


def _indexed_builder(source: str, line: int | None, kind: str) -> str | None:
    """Explain a key of a builder."""
    for node in nodes_at(source, line):
        match node:
            case ast.Subscript(slice=ast.Constant(value=str(name)), ctx=ast.Load()) as asked:
                value = asked.value
                while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
                    value = value.func.value
                if isinstance(value, ast.Name) or (
                    isinstance(value, ast.Call)
                    and isinstance(value.func, ast.Name)
                    and value.func.id == kind
                ):
                    return wording.no_member(kind, name)
    return None


def _called_name(source: str, line: int | None, catalog: Catalog) -> str | None:
    """Explain a call of a builder's name that the script gave to something else."""
    for node in nodes_at(source, line):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in catalog.builders:
                given = _given_lines(source).get(name)
                if given is not None:
                    return wording.name_taken(name, given)
    return None


@lru_cache(maxsize=16)
def _given_lines(source: str) -> dict[str, int]:
    """Return each name that is assigned, with the first line on which it is."""
    lines: dict[str, int] = {}
    for node in nodes_of(source):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            lines[node.id] = min(node.lineno, lines.get(node.id, node.lineno))
    return lines


def _called_field(source: str, line: int | None, answered: Answered | None) -> str | None:
    """Explain a call of a field that is named like a method: `parsed_data.items()`."""
    known = fields_of("", json_object(answered.body)) if answered is not None else {}
    for node in nodes_at(source, line):
        match node:
            case ast.Call(func=ast.Attribute(attr=("items" | "keys" | "values" | "get") as name)):
                if name in known:
                    return (
                        f"{name} is a field here, which wins over the method; the objects of a "
                        f"list are in {name}.data, and to_dict() returns a dict with the method"
                    )
    return None
