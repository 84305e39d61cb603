"""Find the line of each call of a script.

Often the text shows it. Where calls do not run in the order of the text, the lines are noted while the
script runs. The sandbox has no frames that a function could ask, so what makes a builder, and what a
verb is called on, goes through a function of the prelude: `_sf_at(intent, 3).create()`. This adds no
line and changes nothing but columns, so an error is explained from a run of the text itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from stripe_flows.engine.sandbox.script import Variant
from stripe_flows.engine.sandbox.syntax_tree import creates, is_next_page, nodes_of
from stripe_flows.engine.stripe.catalog import stripe_catalog

from .variants import NOTING

_NEW, _AT = "_sf_new", "_sf_at"
_BRANCHING = (ast.IfExp, ast.BoolOp, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp)


@lru_cache(maxsize=256)
def with_lines(source: str) -> Variant:
    """Return how to run a script so that the lines of its calls are known, as far as possible."""
    lines = _lines(source)
    if lines or not any(creates(node) for node in nodes_of(source)):
        return Variant(lines=lines, otherwise=_line_in_f_strings(source))
    return noting(source) or Variant(otherwise=_line_in_f_strings(source))


@lru_cache(maxsize=64)
def noting(source: str) -> Variant | None:
    """Return how to run a script so that it notes the lines of its builders and calls.

    None if this Python cannot read the text, or if there is nothing to note.
    """
    text = _noted(source)
    if text is None:
        return None
    return Variant(NOTING, text, lines=_lines(source), otherwise=_line_in_f_strings(source))


def _lines(source: str) -> tuple[int | None, ...]:
    """Return the lines of all calls in the text, or nothing if they may run in another order.

    The order is plain where there is one call, or where every call stands in a simple statement of its
    own at the top.
    """
    every = [node for node in nodes_of(source) if creates(node)]
    if len(every) == 1:
        return (_line(every[0]),)
    plain: list[ast.AST] = []
    module = next(nodes_of(source))
    assert isinstance(module, ast.Module)
    for statement in module.body:
        if not isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign)):
            continue
        inside = list(ast.walk(statement))
        if not any(isinstance(node, _BRANCHING) for node in inside):
            plain += [node for node in inside if creates(node)]
    if len(plain) != len(every):
        return ()
    return tuple(_line(node) for node in sorted(plain, key=_position))


def _line(node: ast.AST) -> int | None:
    assert isinstance(node, ast.Call)
    return node.func.end_lineno


def _position(node: ast.AST) -> tuple[int, int]:
    assert isinstance(node, ast.Call)
    return (node.end_lineno or 0, node.end_col_offset or 0)


def _line_in_f_strings(source: str) -> int | None:
    """Return the line of the calls in f-strings, where nothing can be noted; None if not the same."""
    outside = {id(node) for node in _outside_f_strings(source)}
    lines = {
        node.lineno
        for node in nodes_of(source)
        if id(node) not in outside and isinstance(node, ast.Call) and creates(node)
    }
    return lines.pop() if len(lines) == 1 else None


def _noted(source: str) -> str | None:
    """Return the text with its lines noted; None if Python cannot read it, or nothing is to note."""
    if (
        "\r" in source or "\f" in source
    ):  # Python's parser and the sandbox's count these differently
        return None
    lines = [line.encode() for line in source.split("\n")]
    added: dict[tuple[int, int], list[bytes]] = {}
    for node in _outside_f_strings(source):
        for (row, column), text, inner in _notes(node, lines):
            texts = added.setdefault((row, column), [])
            # The outer nodes come first. A node that ends where an outer one ends closes before it.
            texts.insert(0 if inner else len(texts), text)
    for (row, column), texts in sorted(added.items(), reverse=True):
        line = lines[row - 1]
        lines[row - 1] = line[:column] + b"".join(texts) + line[column:]
    return b"\n".join(lines).decode() if added else None


def _notes(node: ast.AST, lines: list[bytes]) -> Iterator[tuple[tuple[int, int], bytes, bool]]:
    """Yield the additions for one node: place, text, and whether it closes something."""
    if not isinstance(node, ast.Call):
        return
    if is_next_page(node):
        row, column = node.func.end_lineno or 0, node.func.end_col_offset or 0
        rest = lines[row - 1][column:]
        if rest.lstrip().startswith(b"("):
            begin = column + len(rest) - len(rest.lstrip()) + 1
            yield (row, begin), f"_sf_line={node.lineno}, ".encode(), False
    elif isinstance(node.func, ast.Name):
        if node.func.id in stripe_catalog().builders:
            yield from _wrapped(node, _NEW, node.lineno)
    elif creates(node):
        assert isinstance(node.func, ast.Attribute)
        yield from _wrapped(node.func.value, _AT, node.func.end_lineno or node.lineno)


def _wrapped(
    node: ast.expr, function: str, line: int
) -> Iterator[tuple[tuple[int, int], bytes, bool]]:
    yield (node.lineno, node.col_offset), f"{function}(".encode(), False
    end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
    yield end, f", {line})".encode(), True


def _outside_f_strings(source: str) -> list[ast.AST]:
    """Return all nodes but those in f-strings.

    Older Pythons do not know their places, and a text may print its own expressions there.
    """
    nodes = list(nodes_of(source))
    within = {
        id(inner) for node in nodes if isinstance(node, ast.JoinedStr) for inner in ast.walk(node)
    }
    return [node for node in nodes if id(node) not in within]
