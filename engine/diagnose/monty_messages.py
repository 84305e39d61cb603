r"""The messages of Monty and of its type checker, as patterns. Written for pydantic-monty 1.4.0.

No other file parses such a message. tests/unit/engine/test_monty_messages.py makes the pinned version
say each of them; a new version that words one otherwise fails there.

A script can raise any message itself, of any length. So a pattern is matched at the beginning of a
message or begins with fixed text, and never searches the same text again and again.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class ErrorText(NamedTuple):
    """The class of an error and the first line of its message: `("ValueError", "no such plan")`."""

    kind: str
    message: str


def said(display: str, limit: int) -> ErrorText:
    """Split the text of an error, `ValueError: no such plan`. It is cut one character after `limit`."""
    kind, _, message = display.partition(":")
    return ErrorText(kind.strip(), first_line(message, limit))


def first_line(message: str, limit: int) -> str:
    """Return the first line of a message, cut one character after `limit`."""
    lines = message.strip()[: limit + 1].splitlines()
    return lines[0] if lines else ""


# --- Limits ---

TIME_LIMIT = re.compile(r"time limit")
"""TimeoutError."""

HOST_CALL_LIMIT = re.compile(r"suspension limit")
"""RuntimeError."""

# --- Syntax ---

NOT_SUPPORTED = re.compile(r"The monty syntax parser does not yet support (?:the )?(.+)")
"""NotImplementedError: 1 the piece of Python."""

WILDCARD_IMPORT = re.compile(r"Wildcard imports")
"""NotImplementedError."""

# --- Names and attributes ---

NAME = re.compile(r"name '(\w+)' is not defined")
"""NameError: 1 the name."""

OWN_ATTRIBUTE = re.compile(r"'_sf_(\w+)' object has no attribute '(\w+)'")
"""AttributeError of an object of the prelude: 1 its class, 2 the attribute."""

MODULE_ATTRIBUTE = re.compile(r"module '([\w.]+)' has no attribute '(\w+)'")
"""AttributeError: 1 the module, 2 the attribute."""

PYTHON_ATTRIBUTE = re.compile(r"(?:type object )?'([\w.]+)'(?: object)? has no attribute '(\w+)'")
"""AttributeError: 1 the type, 2 the attribute."""

# --- Imports ---

NO_MODULE = re.compile(r"No module named '([\w.]+)'")
"""ModuleNotFoundError: 1 the module."""

NO_UTC = re.compile(r"'UTC' from 'datetime'")
"""ImportError."""

UNKNOWN_LOCATION = re.compile(r" \(unknown location\)$")
"""ImportError: the end of its message."""

NOT_IN_ENVIRONMENT = re.compile(r"'([\w.]+)' is not supported in this environment")
"""RuntimeError: 1 the function, such as `os.environ`."""

# --- Arguments ---

UNEXPECTED = "unexpected keyword"
"""A part of the two messages that follow."""

UNEXPECTED_KEYWORD = re.compile(r"(?<!\w)(\w+)\(\) got an unexpected keyword argument '(\w+)'")
"""TypeError: 1 the function, 2 the keyword."""

JSON_KEYWORD = re.compile(r"JSONEncoder\.__init__\(\) got an unexpected keyword argument '(\w+)'")
"""TypeError of `json.dumps`: 1 the keyword."""

TOO_MANY_POSITIONAL = re.compile(
    r"(?<!\w)(create|\w+_async)\(\) takes [^()]{0,40}positional arguments? but"
)
"""TypeError: 1 the verb."""

FUNCTION_IN_SUB = re.compile(r"callable replacement")
"""TypeError of `re.sub`."""

# --- Values of another type ---

ITEM_ASSIGNMENT = re.compile(r"(?<!\w)'?_sf_(\w+)'? object does not support item assignment")
"""TypeError: 1 the class of the prelude."""

NOT_SUBSCRIPTABLE = re.compile(r"(?<!\w)'?_sf_(\w+)'? object is not subscriptable")
"""TypeError: 1 the class of the prelude."""

DATA_NOT_CALLABLE = re.compile(r"(?<!\w)'?_sf_Data'? object is not callable")
"""TypeError."""

NOT_CALLABLE = re.compile(r"object is not callable$")
"""TypeError."""

STRING_INDICES = re.compile(r"string indices")
"""TypeError."""

LIST_NOT_ITERATOR = re.compile(r"'list' object is not an iterator$")
"""TypeError of `next`."""

DATA_NOT_JSON = re.compile(r"_sf_Data is not JSON serializable")
"""TypeError of `json.dumps`."""

NOT_AWAITABLE = re.compile(r"can't be awaited")
"""TypeError."""

# --- The type checker ---

TYPE_ATTRIBUTE = re.compile(
    r"(?:Attribute `(?P<name>\w+)` is not defined on|Object of type) `(?P<kind>[^`]+)`"
    r"(?:$| has no attribute `(?P<named>\w+)`| in union `(?P<union>[^`]+)`)"
)
"""unresolved-attribute, and attributes of a union."""

FUNCTION_ATTRIBUTE = re.compile(r"Function `(\w+)` has no attribute ")
"""unresolved-attribute of a function: 1 its name."""

TYPE_ARGUMENT = re.compile(
    r"Argument to bound method `(?P<kind>\w+)\.(?P<name>\w+)` is incorrect: "
    r"Expected `(?P<wanted>.+)`, found `(?P<given>.+)`$"
)
"""invalid-argument-type."""

FUNCTION_NAMED = re.compile(r"(function|method) `(?:\w+\.)?(\w+)`")
"""The function or method that a message names, anywhere in it."""

TYPES_NAMED = re.compile(r"of type `([^`]+)`(?: and `([^`]+)`)?")
"""The types that a message names, anywhere in it."""

SINGLE_TYPE = re.compile(r"(?:str|int|float|bool|Literal\[[^|]*\])$")
"""A type in a message that is certain: a plain class or one literal."""

TYPE_BRACKETS = re.compile(r"\[.*\]")
"""The arguments of a type in a message."""

INFERRED = "*"
"""The mark after a type that the checker inferred."""
