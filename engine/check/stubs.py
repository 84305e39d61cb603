"""The type stubs of engine/stubs, cut into pieces: only what some flows name goes to a checker.

Each class, alias and function of a stub is a block of its own. What a block needs are the classes
and aliases that it names, which all begin with a capital letter.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path

from stripe_flows.engine.stripe.catalog import Operation

_FOLDER = Path(__file__).parent.parent / "stubs"
BOUND = "stripe_flows_checks_"
"""What the checker's own names begin with: no flow has such a name."""

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
    """The class of a resource, by the name of its object: `checkout.session` → `CheckoutSession`."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[._\s]", resource))


def answer_type(operation: Operation) -> str:
    """The type of `parsed_data` in a flow that continues a response: `Page[PaymentIntent]`."""
    kind, _, resource = operation.answers.rpartition(" ")
    # One of several resources has the fields of either, and nobody knows which.
    one = "Map[Any]" if resource == "any" or "|" in resource else class_of(resource)
    return {"list": f"Page[{one}]", "search": f"SearchPage[{one}]"}.get(kind, one)


def stub_text(words: Iterable[str], types: Iterable[str], bound: Collection[str]) -> str:
    """The stubs of the names that flows use (their words, as far as they are names of builders or
    classes), of the types of their answers, and of all that these need.

    A name that some flow binds itself (`bound`) has another one there: to a checker what is
    declared once stays what it is, while to Python it is a variable as any other.
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
    # In the order of the files: an alias is made of what stands before it.
    texts = [
        blocks[name].replace(name, f"{BOUND}{name}", 1) if name in bound else blocks[name]
        for name in blocks
        if name in found
    ]
    return _IMPORTS + "".join(texts)


def is_class(name: str) -> bool:
    """Whether an annotation may name it: a class or an alias of the stubs, or one of typing's."""
    return name in _blocks() or name in _CLASS.findall(_IMPORTS)


def declared(words: Iterable[str]) -> set[str]:
    """Those of some words that the stubs declare and that are no classes."""
    blocks = _blocks()
    return {word for word in words if word in blocks and not _CLASS.match(word)}


@cache
def fields_of(class_name: str) -> dict[str, str]:
    """The fields of a class of the stubs, each with the first class that its type names."""
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
