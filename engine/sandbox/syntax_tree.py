"""A script's text as Python's own parser reads it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from .builders import CREATE
from .records import NEXT_PAGE


def nodes_of(source: str) -> Iterator[ast.AST]:
    """Yield all nodes of a script's text, the outer ones first; only few if Python cannot read it."""
    return ast.walk(_tree(source))


def nodes_at(source: str, line: int | None) -> Iterator[ast.expr]:
    """Yield the expressions of a script that touch a line; all of them if it is not known."""
    for node in nodes_of(source):
        if isinstance(node, ast.expr) and (
            line is None or node.lineno <= line <= (node.end_lineno or node.lineno)
        ):
            yield node


def creates(node: ast.AST) -> bool:
    """Return whether a node is a call of a verb or of `next_page`."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return is_next_page(node)
    return isinstance(node.func, ast.Attribute) and is_verb(node.func.attr)


def is_next_page(node: ast.Call) -> bool:
    """Return whether a node is a call of `next_page`."""
    return isinstance(node.func, ast.Name) and node.func.id == NEXT_PAGE


def is_verb(method: str) -> bool:
    """Return whether a method has the name of a verb: `create` or `…_async`."""
    return method == CREATE or method.endswith("_async")


@lru_cache(maxsize=256)
def stray_return(source: str) -> int | None:
    """Return the line of a `return` outside any function; None if there is none."""
    module = next(nodes_of(source))
    return next((node.lineno for node in stray_returns(module)), None)


def stray_returns(module: ast.AST) -> Iterator[ast.Return]:
    """Yield every `return` outside any function."""
    waiting = [module]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Return):
            yield node
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            waiting += ast.iter_child_nodes(node)


@lru_cache(maxsize=64)
def _tree(source: str) -> ast.Module:
    # The sandbox has its own parser. A text that this Python cannot read is newer, or meant to exhaust
    # its parser: an empty tree only leaves the sandbox's own lines as they are.
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])
