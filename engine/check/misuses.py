"""Find wrong uses of a verb's string, a setter, a builder's function or `params`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from stripe_flows.engine.diagnose import wording
from stripe_flows.engine.diagnose.not_in_sandbox import no_environment
from stripe_flows.engine.sandbox.records import NEXT_PAGE
from stripe_flows.engine.sandbox.syntax_tree import stray_returns

from .builder_chains import Chains
from .finding import Said

_OF_TEXT, _OF_DICT = frozenset(dir(str)), frozenset(dir(dict))


def misuses(chains: Chains) -> Iterator[Said]:
    """Yield all of them in one text, in the words that a run of it would end with."""
    tries = any(isinstance(node, ast.Try) for node in chains.nodes)
    for node in chains.nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if _of_answer(chains, node.value):
                yield Said(node, wording.CHANGES_NOTHING, note=True)
        elif isinstance(node, ast.Attribute):
            message = _attribute(chains, node, tries)
            if message is not None:
                yield Said(node, message)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            if (chain := chains.of(node.value)) is not None:
                yield Said(node, wording.no_item(chain.builder))
        elif isinstance(node, ast.Subscript):
            key, verb = node.slice, chains.verb_of(node.value)
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                if verb:
                    yield Said(node, wording.no_answer(verb, key.value))
                elif (chain := chains.of(node.value)) is not None:
                    yield Said(node, wording.no_member(chain.builder.name, key.value))
        elif isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name) if name in chains.catalog.builders and chains.of(node.func):
                    line = min(value.lineno for value in chains.bound.values[name])
                    yield Said(node, wording.name_taken(name, line))
                case ast.Name(id="open") if "open" not in chains.bound and not tries:
                    yield Said(node, "a script has no files: open() is refused")
        elif isinstance(node, ast.Await):
            if verb := chains.verb_of(node.value):
                yield Said(node, wording.no_waiting(verb))
        elif isinstance(node, (ast.For, ast.While)):
            yield from _paged(chains, node)
            if isinstance(node, ast.For) and (verb := chains.verb_of(node.iter)):
                yield Said(node.iter, wording.no_items(verb), note=True)
        elif isinstance(node, ast.Module):
            yield from (Said(one, wording.RETURN) for one in stray_returns(node))


def _of_answer(chains: Chains, node: ast.expr) -> bool:
    """Return whether an expression is an answer or a part of one."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return isinstance(node, ast.Name) and node.id == "parsed_data" and node.id not in chains.bound


def _paged(chains: Chains, loop: ast.For | ast.While) -> Iterator[Said]:
    ends = any(isinstance(node, (ast.Break, ast.Return)) for node in ast.walk(loop))
    for node in () if ends or NEXT_PAGE in chains.bound else ast.walk(loop):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name == NEXT_PAGE:
                yield Said(node, wording.PAGED_IN_A_LOOP, note=True)
                return


def _attribute(chains: Chains, node: ast.Attribute, tries: bool) -> str | None:
    bound = chains.bound
    if verb := chains.verb_of(node.value):
        return None if node.attr in _OF_TEXT else wording.no_answer(verb, node.attr)
    match node.value:
        case ast.Name(id="params") if "params" not in bound and node.attr not in _OF_DICT:
            return wording.no_attribute("params", node.attr)
        case ast.Name(id="os") if "os" in bound.otherwise and not tries:
            return no_environment(f"os.{node.attr}")
        case ast.Name(id=name) if name in chains.catalog.builders and name not in bound:
            if node.attr.startswith("_"):
                return None
            return wording.no_brackets(chains.catalog, name, node.attr)
        case ast.Attribute(attr=setter, value=before):
            chain = chains.of(before)
            if chain is not None and setter in chains.setters(chain.builder):
                return wording.no_nested(setter, node.attr)
    return None
