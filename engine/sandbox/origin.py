"""Where a value came from that a script asked something of: the text shows it, the error does not.

The sandbox says that a text has no `id`; the script says that the text is what a call gave back, or
a field of an answer. Only what the text shows plainly is told.
"""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Iterator
from functools import lru_cache

from stripe_flows.engine.answer import json_object
from stripe_flows.engine.scope import Answered
from stripe_flows.engine.stripe.catalog import Catalog
from stripe_flows.engine.types import JSONValue

from . import advice, lacks
from .builders import CREATE
from .lines import nodes_at, nodes_of
from .prelude import answer_names

RETURN = "cannot be read: 'return' stands in no function; a script ends at its last line"


def no_attribute(
    source: str, line: int | None, kind: str, name: str, catalog: Catalog
) -> str | None:
    """What to say where a value of type `kind` has no attribute `name`; None if nothing is plain.

    `line`: where it was asked for. Of two places on it nobody knows which one is meant.
    """
    # What a call gave is told only where it is plain; a name or a field may hold such a value.
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
    """Of a method that Python's type has; not of one that is there, and was asked for wrongly."""
    if not lacks.has_python(kind, name):
        return None
    called = {id(node.func) for node in nodes_of(source) if isinstance(node, ast.Call)}
    named = [n for n in nodes_of(source) if isinstance(n, ast.Attribute) and n.attr == name]
    bare = [node for node in named if id(node) not in called]
    return lacks.no_brackets(bare[0]) if bare == named and bare else lacks.no_method(name)


def _said(source: str, kind: str, value: ast.expr, name: str, catalog: Catalog) -> str | None:
    match kind, value:
        case "function", ast.Name(id=function) if function in catalog.builders:
            return advice.no_brackets(catalog, function, name)
        case "function", ast.Attribute(attr=setter):
            return advice.no_nested(setter, name)
        case "str", _ if verb := verb_of(source, value):
            return advice.no_answer(verb, name)
        case "str", ast.Attribute(attr=field):
            return (
                f"{field} is a text, without {name!r}; where it is an id, "
                f"the call before brings the object with .expand([{field!r}])"
            )
        case "str", ast.Name(id=member) if _walks_answer(source, member):
            return (
                f"a loop over an answer gives the names of its fields, texts without {name!r}; "
                "the objects of a list are in its data"
            )
        case "str", ast.Name(id=member) if walked := _walked_field(source, member):
            return (
                f"a loop over {walked} gives texts here, without {name!r}; "
                f"the objects of a list of Stripe's are in {walked}.data"
            )
        case "list", ast.Attribute() | ast.Name() if not lacks.has_python("list", name):
            holder = ast.unparse(value)
            return f"{holder} is a list, without {name!r}; of its first it is {holder}[0].{name}"
        case "NoneType", ast.Attribute(attr=field) | ast.Name(id=field):
            return f"{field} is None here, without {name!r}"
        case "NoneType", ast.Call(func=ast.Attribute(attr="get")):
            return f"get() gave None here, without {name!r}"
        case "int" | "float" | "bool", ast.Attribute(attr=field):
            return f"{field} is of type {kind}, without {name!r}"
        case "dict", ast.Name(id=holder) if not lacks.has_python("dict", name):
            return advice.no_attribute(holder, name)
    return None


def indexed_verb(source: str, line: int | None) -> tuple[str, str] | None:
    """The verb of which what it gave back is asked for a key, and the key: `result["id"]`."""
    for node in nodes_at(source, line):
        match node:
            case ast.Subscript(value=value, slice=ast.Constant(value=str(key))):
                if verb := verb_of(source, value):
                    return verb, key
    return None


def awaited_verb(source: str) -> str | None:
    """The verb that the script awaits."""
    awaited = (node.value for node in nodes_of(source) if isinstance(node, ast.Await))
    return next((verb for value in awaited if (verb := verb_of(source, value))), None)


def asks_params(source: str, key: str) -> bool:
    """Whether the script asks `params` for the key, or for one that the text does not show. (Within
    the f-strings of a newer Python too, which the parser of this one may not read.)"""
    asked = rf"\bparams\s*\[\s*(?:(['\"]){re.escape(key)}\1|[^\W\d'\"])"
    return len(key) < 200 and re.search(asked, source) is not None


def no_field(source: str, answered: Answered | None, name: str) -> str:
    """What to say of a field that is not there: of the call's, where the text asks the call."""
    if answered is None:
        return advice.no_field(name, {})
    of_call = fields_of("call", answered.call.shown())
    asked = rf"\bcall\b[\w.\[\]'\"]{{0,200}}[.'\"]{re.escape(name)}\b"
    if len(name) < 200 and re.search(asked, source):
        return advice.no_field(name, of_call, "call")
    paths = fields_of(answer_names(answered.kind)[1], json_object(answered.body))
    # The call is told for a name that it has, and never for one that is near.
    return advice.no_field(name, paths if name in paths or name not in of_call else of_call)


def fields_of(begin: str, whole: JSONValue) -> dict[str, str]:
    """The names of all fields of a value, each with the first place it stands in."""
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
    """The first line on which an attribute of that name is assigned."""
    lines = [
        node.lineno
        for node in nodes_of(source)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr == name
    ]
    return min(lines, default=None)


@lru_cache(maxsize=256)
def stray_return(source: str) -> int | None:
    """The line of a `return` that stands in no function; None if there is none."""
    module = next(nodes_of(source))
    return next((node.lineno for node in stray_returns(module)), None)


def stray_returns(module: ast.AST) -> Iterator[ast.Return]:
    """Every `return` that stands in no function."""
    waiting = [module]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Return):
            yield node
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            waiting += ast.iter_child_nodes(node)


def verb_of(source: str, value: ast.expr) -> str | None:
    """The verb whose text an expression is: the call itself, or a variable that only holds such."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        verb = value.func.attr
        return verb if verb == CREATE or verb.endswith("_async") else None
    return _held_verb(source, value.id) if isinstance(value, ast.Name) else None


@lru_cache(maxsize=64)
def _held_verb(source: str, name: str) -> str | None:
    """The one verb whose texts a variable holds; None if it may hold something else."""
    verbs = {
        verb_of(source, given) if isinstance(given, ast.Call) else None
        for given in _given_to(source, name)
    }
    return verbs.pop() if len(verbs) == 1 else None


def _walks_answer(source: str, member: str) -> bool:
    return any(
        isinstance(walked, ast.Name) and walked.id in ("parsed_data", "parsed_error")
        for walked in _given_to(source, member)
    )


def _walked_field(source: str, member: str) -> str | None:
    """The field, of an answer or of what is in it, that a loop goes through: `parsed_data.items`."""
    for walked in _given_to(source, member):
        if isinstance(walked, ast.Attribute):
            return ast.unparse(walked)
    return None


def _given_to(source: str, name: str) -> list[ast.expr]:
    return _givings(source).get(name, [])


@lru_cache(maxsize=16)
def _givings(source: str) -> dict[str, list[ast.expr]]:
    """What each variable of a script is given, by assignments and loops."""
    found: dict[str, list[ast.expr]] = {}
    for node in nodes_of(source):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found.setdefault(name, []).append(value)
            case ast.For(target=ast.Name(id=name), iter=value):
                found.setdefault(name, []).append(value)
    return found
