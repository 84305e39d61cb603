"""Docstrings begin with a verb or a noun, so that they are understood at the first reading."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("cli", "dashboard", "engine", "local", "simulator", "tasks", "tools", "benchmarks")
RIDDLE = re.compile(r"(Of|What|Those|That|Whether|Which|Who|Where|How)\b")


def documenting(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yield the docstrings of a module, and the strings that document a name after it."""
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value


def riddles(text: str) -> list[int]:
    return [one.lineno for one in documenting(ast.parse(text)) if RIDDLE.match(str(one.value))]


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_docstring_begins_with_a_question_word(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for line in riddles(path.read_text())
    ]
    assert not found


@pytest.mark.parametrize("text", ['"""What it is."""', 'x = 1\n"""Whether it is so."""'])
def test_a_docstring_that_does_is_found(text: str) -> None:
    assert riddles(text)
