"""Decide which mistakes of the type checker to report beside those that were found in the text."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator

from stripe_flows.engine.sandbox.builders import CREATE

from .finding import Finding, Place, Text
from .type_check import Typed


def others(
    types: Iterable[Typed], found: Collection[Finding], text: Text, nodes: list[ast.AST]
) -> Iterator[Typed]:
    """Yield the mistakes of the type checker that are new and certain enough.

    A mistake is left out

    - if a mistake in the text was `found` at its place, or about the same name on its line: the words
      for it are better;
    - if it is about the function of a builder: misuses.py reports a function without brackets, calls.py
      the number of ids;
    - if the text looks for the name before it uses it: a field may be newer than the stubs.
    """
    places = {Place(one.line, one.column) for one in found if not one.note}
    names = {(place.line, text.word(place)) for place in places}
    # `create` is a second name of `create_async`, and the type checker only knows the latter.
    names |= {(line, f"{CREATE}_async") for line, name in names if name == CREATE}
    looked_for = _looked_for(nodes)
    for one in types:
        known = one.place in places or (one.place.line, one.name) in names
        if not known and not one.of_builder and one.name not in looked_for:
            yield one


def _looked_for(nodes: list[ast.AST]) -> set[str]:
    """Return the names that a text looks for before it uses them, or sets on objects itself."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case ast.Compare(left=ast.Constant(value=str(name)), ops=[ast.In() | ast.NotIn()]):
                found.add(name)
            case ast.Call(func=ast.Name(id="hasattr"), args=[_, ast.Constant(value=str(name)), *_]):
                found.add(name)
            case ast.Attribute(attr=name, ctx=ast.Store()):
                found.add(name)
    return found
