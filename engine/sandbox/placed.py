"""A script's text with its own lines noted in it: which line made a builder, and which one sent it.

The sandbox has no frames that a function could ask. So what a verb is called on, and what makes a
builder, goes through a function of the prelude that notes the line: `_sf_at(intent, 3).create()`. No
line is added and nothing else changes, but columns: an error is told from a run of the text itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache

from stripe_flows.engine.stripe.catalog import stripe_catalog

from .lines import creates, is_next_page, nodes_of

_NEW, _AT = "_sf_new", "_sf_at"


@lru_cache(maxsize=64)
def placed(source: str) -> str | None:
    """The text with its lines noted; None where this Python cannot read it, or nothing is to note."""
    if "\r" in source or "\f" in source:  # about the lines of these readers differ
        return None
    lines = [line.encode() for line in source.split("\n")]
    added: dict[tuple[int, int], list[bytes]] = {}
    for node in _outside_f_strings(source):
        for (row, column), text, inner in _notes(node, lines):
            texts = added.setdefault((row, column), [])
            # The outer nodes come first, and what ends at the same place as they do ends before.
            texts.insert(0 if inner else len(texts), text)
    for (row, column), texts in sorted(added.items(), reverse=True):
        line = lines[row - 1]
        lines[row - 1] = line[:column] + b"".join(texts) + line[column:]
    return b"\n".join(lines).decode() if added else None


def lines_in_f_strings(source: str) -> set[int]:
    """The lines of the calls that stand in f-strings, where nothing can be noted."""
    outside = {id(node) for node in _outside_f_strings(source)}
    return {
        node.lineno
        for node in nodes_of(source)
        if id(node) not in outside and isinstance(node, ast.Call) and creates(node)
    }


def _notes(node: ast.AST, lines: list[bytes]) -> Iterator[tuple[tuple[int, int], bytes, bool]]:
    """What goes where for one node; whether it closes something."""
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
    """All nodes but those in f-strings: older Pythons do not know where these stand, and a text may
    print its own expressions there."""
    nodes = list(nodes_of(source))
    within = {
        id(inner) for node in nodes if isinstance(node, ast.JoinedStr) for inner in ast.walk(node)
    }
    return [node for node in nodes if id(node) not in within]
