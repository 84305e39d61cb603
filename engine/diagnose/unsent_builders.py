"""Warn of builders on which no verb was called, unless the text may send them later.

order = new_refund().charge(params["charge"])
if params["amount"]:
    order.amount(params["amount"]).create_async()
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import lru_cache

from stripe_flows.engine.sandbox.call_checks import Warned
from stripe_flows.engine.sandbox.reading import read
from stripe_flows.engine.sandbox.records import Unsent
from stripe_flows.engine.sandbox.script import Finished, Script
from stripe_flows.engine.sandbox.syntax_tree import creates, nodes_of

from .call_lines import noting
from .explain import MAX_MISTAKES
from .wording import not_sent

_COPIES = ("copy", "deepcopy")
"""In a script that copies, a builder may only be the original of others."""

_SCOPES = (ast.Module, ast.For, ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def unsent_warnings(script: Script, unsent: Sequence[Unsent]) -> list[Warned]:
    """Return the warnings for builders of a script on which no verb was called."""
    if not unsent or not read(script.source).words.isdisjoint(_COPIES):
        return []
    if not any(one.line for one in unsent) and (variant := noting(script.source)):
        # Only now their lines are needed.
        result = script.run(variant)
        unsent = result.unsent if isinstance(result, Finished) else unsent
    found = dict.fromkeys(
        (one.line if script.has_line(one.line) else None, not_sent(one.builder)) for one in unsent
    )
    warned = [
        Warned(line, text)
        for line, text in found
        if line is None or not _may_be_sent(script.source, line)
    ]
    return warned[:MAX_MISTAKES]


def _may_be_sent(source: str, line: int) -> bool:
    """Return whether a builder made on `line` is in a variable that is sent or passed on afterwards.

    A builder made in a loop counts as sent only within the same turn of it.
    """
    return any(
        _sends(scope, statement, name) for scope, statement, name in _held(source).get(line, ())
    )


@lru_cache(maxsize=16)
def _held(source: str) -> dict[int, list[tuple[ast.AST, ast.stmt, str]]]:
    """Return for each line the assignments whose value begins there: loop or function, and variable."""
    found: dict[int, list[tuple[ast.AST, ast.stmt, str]]] = {}
    module = next(nodes_of(source))
    waiting: list[tuple[ast.AST, ast.AST]] = [(module, module)]
    while waiting:
        node, scope = waiting.pop()
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found.setdefault(value.lineno, []).append((scope, node, name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found.setdefault(value.lineno, []).append((scope, node, name))
        inner = node if isinstance(node, _SCOPES) else scope
        waiting += [(child, inner) for child in ast.iter_child_nodes(node)]
    return found


def _sends(scope: ast.AST, statement: ast.stmt, name: str) -> bool:
    """Return whether the variable is sent or passed on after the statement, within the scope."""
    chains: dict[int, ast.Call] = {}
    for node in ast.walk(scope):
        if isinstance(node, ast.Call) and (base := _base(node)) is not None:
            chains.setdefault(id(base), node)  # the outermost comes first
    last = (statement.end_lineno or statement.lineno, statement.end_col_offset or 0)
    for use in _uses(scope, name):
        if (use.lineno, use.col_offset) < last:
            continue
        chain = chains.get(id(use))
        if chain is None or any(creates(call) for call in _chain(chain)):
            return True
    return False


def _uses(scope: ast.AST, name: str) -> Iterator[ast.Name]:
    for node in ast.walk(scope):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            yield node


def _base(call: ast.Call) -> ast.Name | None:
    """Return the variable that a chain of methods begins with."""
    value: ast.expr = call
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        value = value.func.value
    return value if isinstance(value, ast.Name) else None


def _chain(call: ast.Call) -> Iterator[ast.Call]:
    value: ast.expr = call
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        yield value
        value = value.func.value
