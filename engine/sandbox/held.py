"""Builders that a script makes first and sends in a branch: not to send them is what is meant then.

order = new_refund().charge(params["charge"])
if params["amount"]:
    order.amount(params["amount"]).create_async()
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from .lines import creates, nodes_of

_SCOPES = (ast.Module, ast.For, ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def may_be_sent(source: str, line: int) -> bool:
    """Whether a builder that is made on `line` is held by a variable that is sent, or handed on, after
    it: in the same turn of a loop, if it is made in one."""
    return any(
        _sends(scope, statement, name) for scope, statement, name in _held(source).get(line, ())
    )


@lru_cache(maxsize=16)
def _held(source: str) -> dict[int, list[tuple[ast.AST, ast.stmt, str]]]:
    """For each line, the assignments of which the value begins on it, with the loop or the function
    within which they stand and the variable."""
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
    """Whether the variable is sent or handed on behind the statement, within the scope."""
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
    """The variable that a chain of methods begins with."""
    value: ast.expr = call
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        value = value.func.value
    return value if isinstance(value, ast.Name) else None


def _chain(call: ast.Call) -> Iterator[ast.Call]:
    value: ast.expr = call
    while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        yield value
        value = value.func.value
