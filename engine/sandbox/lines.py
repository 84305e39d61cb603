"""Which line of a script a person has to look at.

The sandbox names the span of the whole expression, and a chain of setters is one expression: its
first line says little. The line that counts is the one on which the failing method's name stands.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from pydantic_monty import Frame

from .builders import CREATE
from .records import NEXT_PAGE


def line_of(source: str, frame: Frame, before: int) -> int:
    """The line in the script that `frame` means. `before`: lines of prelude above the script."""
    begin, end = frame.line - before, frame.end_line - before
    if begin == end:
        return begin
    column = _byte_column(source, end, frame.end_column)
    for node in nodes_of(source):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and (node.lineno, node.end_lineno) == (begin, end)
            and node.end_col_offset == column
        ):
            return node.func.end_lineno or begin
    return begin


def nodes_at(source: str, line: int | None) -> Iterator[ast.expr]:
    """The expressions of a script that stand on a line, or reach over it; all if it is not known."""
    for node in nodes_of(source):
        if isinstance(node, ast.expr) and (
            line is None or node.lineno <= line <= (node.end_lineno or node.lineno)
        ):
            yield node


def call_lines(source: str, count: int) -> list[int | None]:
    """The lines on which a script that ended well made its `count` calls, as far as is plain.

    It is plain where there is one place that calls, or where every place stands in a simple
    statement of its own at the top, so that they ran in the order of the text.
    """
    places = _places(source)
    if len(set(places)) == 1:
        return [places[0]] * count
    if len(places) == count:
        return places
    return [None] * count


def are_lines_plain(source: str) -> bool:
    """Whether `call_lines` knows the lines of a script that makes its calls where its text has them."""
    return bool(_places(source)) or not any(creates(node) for node in nodes_of(source))


@lru_cache(maxsize=256)
def _places(source: str) -> list[int | None]:
    """The line of each call in the text's order; [] if they may run otherwise than in that order."""
    every = [node for node in nodes_of(source) if creates(node)]
    if len(every) == 1:
        return [_line(every[0])]
    plain: list[ast.AST] = []
    for statement in _tree(source).body:
        if not isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign)):
            continue
        inside = list(ast.walk(statement))
        if not any(isinstance(node, _BRANCHING) for node in inside):
            plain += [node for node in inside if creates(node)]
    if len(plain) != len(every):
        return []
    return [_line(node) for node in sorted(plain, key=_position)]


_BRANCHING = (ast.IfExp, ast.BoolOp, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp)


def creates(node: ast.AST) -> bool:
    """Whether it is a call of a verb or of `next_page`."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return is_next_page(node)
    return isinstance(node.func, ast.Attribute) and (
        node.func.attr == CREATE or node.func.attr.endswith("_async")
    )


def is_next_page(node: ast.Call) -> bool:
    """Whether it is a call of `next_page`."""
    return isinstance(node.func, ast.Name) and node.func.id == NEXT_PAGE


def _line(node: ast.AST) -> int | None:
    assert isinstance(node, ast.Call)
    return node.func.end_lineno


def _position(node: ast.AST) -> tuple[int, int]:
    assert isinstance(node, ast.Call)
    return (node.end_lineno or 0, node.end_col_offset or 0)


def nodes_of(source: str) -> Iterator[ast.AST]:
    """All nodes of a script's text, the outer ones first; few where this Python cannot read it."""
    return ast.walk(_tree(source))


@lru_cache(maxsize=64)
def _tree(source: str) -> ast.Module:
    # The sandbox has run the text, so what this Python cannot read is merely newer, or meant to
    # exhaust its parser; either way the lines stay as the sandbox has them.
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])


def _byte_column(source: str, line: int, column: int) -> int:
    lines = source.splitlines()
    return len(lines[line - 1][: column - 1].encode()) if line <= len(lines) else -1
