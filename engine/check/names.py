"""Find the names that a flow's text binds, and those that nothing defines."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from stripe_flows.engine.continuation import continuation_name
from stripe_flows.engine.diagnose import stripe_library
from stripe_flows.engine.diagnose.wording import no_name, written_otherwise
from stripe_flows.engine.sandbox.prelude import answer_names
from stripe_flows.engine.sandbox.records import NEXT_PAGE
from stripe_flows.engine.stripe.catalog import MANY, Catalog

from .finding import Said

SCOPE = frozenset({"worker_id", "context_id", "stripe_secret", "params"})

_PYTHON = frozenset(dir(builtins))


@dataclass
class Bound:
    """The names that a text binds anywhere.

    `values` are those of plain assignments. A name that is also bound in another way (a parameter, a
    loop, an import, …) is in `otherwise` as well.
    """

    values: dict[str, list[ast.expr]] = field(default_factory=dict)
    otherwise: set[str] = field(default_factory=set)

    def __contains__(self, name: str) -> bool:
        return name in self.values or name in self.otherwise


def bound_in(nodes: list[ast.AST]) -> Bound:
    """Return the names that the nodes of a text bind."""
    found = Bound()
    plain: set[int] = set()
    for node in nodes:
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(node, (ast.Assign, ast.AnnAssign)):
                assert node.value is not None
                plain.add(id(target))
                found.values.setdefault(target.id, []).append(node.value)
    for node in nodes:
        found.otherwise.update(_otherwise(node, plain))
    return found


def _otherwise(node: ast.AST, plain: set[int]) -> Iterator[str]:
    match node:
        case ast.Name(ctx=ast.Store() | ast.Del()) if id(node) not in plain:
            yield node.id
        case ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
            yield name
        case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name
        case ast.alias(name=name, asname=other):
            yield other or name.partition(".")[0]


def unknown_names(
    flow: str, nodes: list[ast.AST], bound: Bound, catalog: Catalog, there: Callable[[str], bool]
) -> Iterator[Said]:
    """Yield the names that the text uses and nothing defines, each at its first place.

    `there` returns whether the sandbox has Python's function or class of a name.
    """
    continues = continuation_name(flow)
    kind = continues.kind if continues is not None else None
    given = set(SCOPE)
    if kind is not None:
        given |= {*answer_names(kind), "call"}
    operation = continues.operation if continues is not None else None
    line = catalog.lines.get(operation) if operation is not None else None
    if kind == "response" and (line is None or line.verb in MANY):
        given.add(NEXT_PAGE)
    tries = any(isinstance(node, ast.Try) for node in nodes)
    if tries:
        # It may try a name to see whether it is defined.
        given |= {*answer_names("response"), *answer_names("error"), "call", NEXT_PAGE}
    known = {*given, *bound.values, *bound.otherwise}
    told: set[str] = set()
    # Each call of Stripe's libraries is reported with its translation, even if they are imported.
    libraries = {
        id(stripe_library.root(call)): message
        for call, path in stripe_library.calls_from(nodes)
        if (path[0] == "stripe" or path[0] not in known)
        and path[0] not in catalog.builders
        and (message := stripe_library.translated(catalog, call, path)) is not None
    }
    for node in nodes:
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
            continue
        name = node.id
        if id(node) in libraries:
            told.add(name)
            yield Said(node, written_otherwise(name, libraries[id(node)]))
            continue
        if name in told or name in known or name in catalog.builders:
            continue
        if name == "__file__" or (name in _PYTHON and (tries or there(name))):
            continue
        told.add(name)
        yield Said(node, no_name(catalog, name, kind, known))
