"""Findings of the check, and their places in a flow's text."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import NamedTuple


class Place(NamedTuple):
    """Line and column, both from 1; the column counts characters."""

    line: int
    column: int


TOP = Place(1, 1)

_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, order=True)
class Finding:
    """A mistake in a flow or, if it is a `note`, something that may well be meant."""

    flow: str
    line: int
    column: int
    message: str
    note: bool = False


@dataclass(frozen=True)
class Said:
    """A mistake at a node, or a `note`. For an attribute, it is about its name."""

    node: ast.expr | ast.stmt
    message: str
    note: bool = False


class Text:
    """A flow's text. Finds the place of a node in characters; Python's parser counts bytes."""

    def __init__(self, source: str) -> None:
        self._lines = source.split("\n")

    def begin(self, node: ast.expr | ast.stmt) -> Place:
        """Return where a node begins."""
        return self._place(node.lineno, node.col_offset)

    def place(self, node: ast.expr | ast.stmt) -> Place:
        """Return the place for a finding about a node: for an attribute, its name."""
        return self.name(node) if isinstance(node, ast.Attribute) else self.begin(node)

    def name(self, node: ast.Attribute) -> Place:
        """Return the place of the name after the dot."""
        line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self._place(line, max(0, end - len(node.attr.encode())))

    def word(self, place: Place) -> str:
        """Return the name that begins at a place; empty if none does."""
        text = self._lines[place.line - 1] if place.line <= len(self._lines) else ""
        found = _NAME.match(text, place.column - 1)
        return found[0] if found is not None else ""

    def _place(self, line: int, offset: int) -> Place:
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        return Place(line, len(text.encode()[:offset].decode(errors="ignore")) + 1)
