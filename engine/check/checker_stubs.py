"""Cut the type stubs of engine/stubs into blocks: a checker gets only those that some flows name.

Each class, alias and function of a stub is a block of its own. A block needs the classes and aliases
that it names, which all begin with a capital letter. The files for an editor are made in `editor`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path

from stripe_flows.engine.stripe.catalog import Operation

_FOLDER = Path(__file__).parent.parent / "stubs"
BOUND = "stripe_flows_checks_"
"""The prefix of the checker's own names: no flow has such a name."""

_IMPORTS = """\
from collections.abc import Iterator, KeysView, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, Literal, Required, Self, TypeAlias, TypedDict, TypeVar
"""
_BLOCK = re.compile(r"(?m)^(?=(?:class |def )\w|\w+(?::| =) )")
_NAME = re.compile(r"(?:class |def )?(\w+)")
_CLASS = re.compile(r"\b_?[A-Z]\w*")
_MODULE = re.compile(r"\bp\.(?=[A-Z])")
_ALWAYS = ("_T", "worker_id", "context_id", "stripe_secret", "params")


def class_of(resource: str) -> str:
    """Return the class of a resource, by its object's name: `checkout.session` → `CheckoutSession`."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[._\s]", resource))


def answer_type(operation: Operation) -> str:
    """Return the type of `parsed_data` in a flow that continues a response: `Page[PaymentIntent]`."""
    kind, _, resource = operation.answers.rpartition(" ")
    # One of several resources has the fields of any of them.
    one = "Map[Any]" if resource == "any" or "|" in resource else class_of(resource)
    return {"list": f"Page[{one}]", "search": f"SearchPage[{one}]"}.get(kind, one)


def stub_text(words: Iterable[str], types: Iterable[str], bound: Collection[str]) -> str:
    """Return the stubs of the names that flows use, of the types of their answers, and what these need.

    `words` are the flows' words, as far as they are names of builders or classes. A name that some flow
    binds itself (`bound`) is renamed: for a checker a declared name keeps its type, while for Python it
    is a variable like any other.
    """
    blocks = _blocks()
    waiting = [*_ALWAYS, *(name for one in types for name in _CLASS.findall(one))]
    waiting += words
    found: dict[str, str] = {}
    while waiting:
        name = waiting.pop()
        if name in blocks and name not in found:
            found[name] = blocks[name]
            waiting += _CLASS.findall(found[name])
    # In the order of the files: an alias uses names before it.
    texts = [
        blocks[name].replace(name, f"{BOUND}{name}", 1) if name in bound else blocks[name]
        for name in blocks
        if name in found
    ]
    return _IMPORTS + "".join(texts)


def is_class(name: str) -> bool:
    """Return whether an annotation may have that name: a class or alias of the stubs or of typing."""
    return name in _blocks() or name in _CLASS.findall(_IMPORTS)


def declared(words: Iterable[str]) -> set[str]:
    """Return the words that the stubs declare and that are not classes."""
    blocks = _blocks()
    return {word for word in words if word in blocks and not _CLASS.match(word)}


@cache
def fields_of(class_name: str) -> dict[str, str]:
    """Return the fields of a class of the stubs, each with the first class that its type names."""
    own = re.findall(r"(?m)^    (\w+): (.*)$", _blocks().get(class_name, ""))
    return {name: next(iter(_CLASS.findall(kind)), "") for name, kind in own}


@cache
def _blocks() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("scope", "objects", "parameters", "builders"):
        text = _MODULE.sub("", (_FOLDER / f"{name}.pyi").read_text(encoding="utf-8"))
        _, *blocks = _BLOCK.split(text)
        for block in blocks:
            known = _NAME.match(block)
            assert known is not None
            found[known[1]] = block
    return found
