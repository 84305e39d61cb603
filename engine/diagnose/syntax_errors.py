"""Explain a text that cannot be read: open brackets, and habits of other languages.

Monty's parser stops at the first word that does not fit. That is often not the place of the mistake: a
bracket that is never closed shows only at the end.
"""

from __future__ import annotations

import io
import re
import tokenize
from typing import NamedTuple

from . import monty_messages as monty

_PAIRS = {")": "(", "]": "[", "}": "{"}

# Strings and comments are not searched for habits. (A single quote may be the mistake itself.)
_TEXT_OR_COMMENT = re.compile(r""" "[^"]*" | '[^']*' | \#.* """, re.VERBOSE)

_HABITS = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"^\s*print\s+[^\s(=.]", "print needs brackets: print(…)"),
        (r"^\s*\.\s*\w", "a chain over several lines needs brackets around it: ( … )"),
        (r"\.\s*(#.*)?$", "a chain over several lines needs brackets around it: ( … )"),
        (r"^\s*else\s?if\b", "'else if' is written elif"),
        (r"^\s*(\}\s*)?catch\b", "'catch' is written except"),
        (r"^\s*switch\b", "'switch' is written match"),
        (r"^\s*//|\s//\s*[A-Za-z]+\s+[A-Za-z]|^\s*/\*", "a comment begins with #"),
        (r"=>", "a function without a name is written lambda x: …"),
        (r"\bnew\s+\w+\(", "an object is made without 'new' before it"),
        (r"`", 'a string is written in " or \', one with values f"…"'),
        (r"\?\.", "there is no ?.: ask with if, or with .get()"),
        (
            "[\u00a0\u2007\u202f\u200b\ufeff]",
            "this line has a special space: replace it with a plain one",
        ),
        ("[\u2013\u2014\u2212]", "a dash in this line is not a minus: use -"),
        (r"&&", "'&&' is written and"),
        (r"\|\|", "'||' is written or"),
        (r"\w(\+\+|--)", "there is no ++ or --: write x += 1"),
        (r"^\s*(let|const|var)\s+\w", "a variable is set without 'let', 'const' or 'var': x = 1"),
        (r"^\s*function\b", "a function begins with def: def name():"),
        (r"^\s*(if|elif|while)\b[^=(]*[^=!<>:(]=[^=]", "two values are compared with =="),
        ("[\u201c\u201d\u2018\u2019]", "typographic quotes are not quotes: use \" or '"),
    )
)


class SyntaxMistake(NamedTuple):
    """The place of a mistake, line and column from 1, and its explanation."""

    line: int
    column: int
    message: str


def explain_syntax(source: str, line: int, column: int, message: str) -> SyntaxMistake:
    """Return the mistake in a text in which the parser stopped at `line` and `column`.

    `line` may be after the end of the text, where the parser searched for what is missing. `message` is
    the parser's own.
    """
    opened = _left_open(source)
    if opened is not None and opened[:2] < (line, column):
        return SyntaxMistake(*opened[:2], f"{opened[2]!r} is never closed")
    lines = source.rstrip().split("\n")
    if line > len(lines):
        line, column = len(lines), len(lines[-1]) + 1
    text = lines[line - 1]
    plain = _TEXT_OR_COMMENT.sub('""', text)
    habit = next((said for pattern, said in _HABITS if pattern.search(plain)), None)
    return SyntaxMistake(line, column, f"{message}; {habit}" if habit else message)


def not_supported(message: str) -> str | None:
    """Explain Monty's message about a piece of Python that it does not support."""
    if monty.WILDCARD_IMPORT.match(message):
        return "a script cannot use wildcard imports: name what is imported"
    found = monty.NOT_SUPPORTED.match(message)
    return f"a script cannot use {found[1]}" if found else None


def _left_open(source: str) -> tuple[int, int, str] | None:
    """Return the last bracket that is open at the end of the text; None if it has other mistakes."""
    opened: list[tuple[int, int, str]] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.ERRORTOKEN and token.string.strip():
                return None
            if token.type != tokenize.OP:
                continue
            if token.string in _PAIRS.values():
                opened.append((token.start[0], token.start[1] + 1, token.string))
            elif token.string in _PAIRS and (not opened or opened.pop()[2] != _PAIRS[token.string]):
                return None
    except tokenize.TokenError as error:
        return opened[-1] if opened and "string" not in str(error.args[0]) else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return None
