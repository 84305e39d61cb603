"""What the check says of one place in one flow."""

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


class Text:
    """A flow's text, to say where something stands in it: Python's parser counts bytes."""

    def __init__(self, source: str) -> None:
        self._lines = source.split("\n")

    def begin(self, node: ast.expr | ast.stmt) -> Place:
        """Where a node begins."""
        return self._place(node.lineno, node.col_offset)

    def name(self, node: ast.Attribute) -> Place:
        """Where the name behind the dot stands."""
        line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self._place(line, max(0, end - len(node.attr.encode())))

    def word(self, place: Place) -> str:
        """The name that begins at a place; empty if none does."""
        text = self._lines[place.line - 1] if place.line <= len(self._lines) else ""
        found = _NAME.match(text, place.column - 1)
        return found[0] if found is not None else ""

    def _place(self, line: int, offset: int) -> Place:
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        return Place(line, len(text.encode()[:offset].decode(errors="ignore")) + 1)
