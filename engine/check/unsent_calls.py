"""Find calls that a text prepares and never sends, or sends twice. They may be meant: all are notes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from stripe_flows.engine.diagnose.wording import no_reading, not_sent
from stripe_flows.engine.sandbox.builders import CREATE, UNCHECKED, own_methods
from stripe_flows.engine.stripe.catalog import Builder

from .builder_chains import Chains
from .finding import Said


def unsent(chains: Chains) -> Iterator[Said]:
    """Yield notes on builders without a verb, verbs and functions that are never called, and objects
    that are created a second time without a change."""
    sent = {
        node.value.id
        for node in chains.nodes
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (chain := chains.of(node.value)) is not None
        and node.attr in _verbs(chain.builder)
    }
    sent |= chains.escaped | _sent_in_chains(chains)
    loaded = {n.id for n in chains.nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    yield from _read_back(chains)
    yield from _set_twice(chains)
    for node in chains.nodes:
        if isinstance(node, ast.Expr):
            yield from _statement(chains, node)
        elif isinstance(node, ast.Assign):
            match node.targets:
                case [ast.Name(id=name)] if name not in sent and _holds_one(chains, name):
                    yield _nothing(chains, node.value)
        elif (
            isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and node.name not in loaded
            and _at_the_top(chains, node)
            and _sends(chains, node)
        ):
            yield Said(node, f"nothing of it is sent: {node.name} is never used", note=True)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield from _twice(chains, block)


def _statement(chains: Chains, node: ast.Expr) -> Iterator[Said]:
    chain = chains.of(node.value)
    if chain is not None and chain.variable is None and isinstance(node.value, ast.Call):
        yield _nothing(chains, node.value)
    shown = [node.value]
    match node.value:
        case ast.Call(func=ast.Name(id="print"), args=arguments):
            shown += arguments
            shown += [
                part.value
                for argument in arguments
                if isinstance(argument, ast.JoinedStr)
                for part in argument.values
                if isinstance(part, ast.FormattedValue)
            ]
    for one in shown:
        chain = chains.of(one.value) if isinstance(one, ast.Attribute) else None
        shown_one = chains.of(one) if one is not node.value else None
        if shown_one is not None and shown_one.variable is None and isinstance(one, ast.Call):
            yield _nothing(chains, one)
        if isinstance(one, ast.Attribute) and chain and one.attr in _verbs(chain.builder):
            message = f"nothing is sent: {one.attr} needs its brackets, {one.attr}()"
            yield Said(one, message, note=True)


def _read_back(chains: Chains) -> Iterator[Said]:
    """Yield notes on setters without brackets whose value is printed, compared or joined."""
    for node in chains.nodes:
        shown: list[ast.expr] = []
        match node:
            case ast.Call(func=ast.Name(id="print" | "str" | "len"), args=shown):
                pass
            case ast.Compare(left=left, comparators=others):
                shown = [left, *others]
            case ast.FormattedValue(value=value):
                shown = [value]
        for one in shown:
            chain = chains.of(one.value) if isinstance(one, ast.Attribute) else None
            if (
                isinstance(one, ast.Attribute)
                and chain
                and one.attr in chains.setters(chain.builder)
            ):
                yield Said(one, no_reading(chain.builder.name, one.attr), note=True)


def _set_twice(chains: Chains) -> Iterator[Said]:
    """Yield notes on setters that are called twice in one expression: the first value is lost."""
    for node in chains.nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        before = chains.of(node.func.value)
        parameter = chains.setters(before.builder).get(node.func.attr) if before else None
        if before is None or parameter is None or before.variable is not None:
            continue
        if any(setting.parameter == parameter for setting in before.settings):
            message = f"{node.func.attr} was set before in this call: the first value is lost"
            yield Said(node.func, message, note=True)


def _nothing(chains: Chains, value: ast.expr) -> Said:
    chain = chains.of(value)
    assert chain is not None
    return Said(value, not_sent(chain.builder), note=True)


def _twice(chains: Chains, block: list[ast.stmt]) -> Iterator[Said]:
    """Yield notes on objects that are created again in the same block, with nothing set in between."""
    made: set[str] = set()
    for statement in block:
        if not isinstance(statement, (ast.Expr, ast.Assign)):
            made.clear()
            continue
        for node in ast.walk(statement):
            if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
                continue
            name, chain = node.value.id, chains.of(node.value)
            if chain is None:
                continue
            if node.attr not in (CREATE, f"{CREATE}_async"):
                made.discard(name)
            elif name in made:
                message = f"this makes a second {chain.builder.resource}, the same as before"
                yield Said(node, message, note=True)
            else:
                made.add(name)


def _holds_one(chains: Chains, name: str) -> bool:
    """Return whether a variable is set once, to a builder."""
    values = chains.bound.values.get(name, [])
    once = len(values) == 1 and name not in chains.bound.otherwise
    return once and chains.of(values[0]) is not None


def _verbs(builder: Builder) -> list[str]:
    return [method for method in own_methods(builder) if method != UNCHECKED]


def _sent_in_chains(chains: Chains) -> set[str]:
    """Return the variables on which a verb is called after setters: `pi.amount(1).create_async()`."""
    return {
        chain.variable
        for node in chains.nodes
        if isinstance(node, ast.Attribute)
        and (chain := chains.of(node.value)) is not None
        and chain.variable is not None
        and node.attr in _verbs(chain.builder)
    }


def _at_the_top(chains: Chains, node: ast.stmt) -> bool:
    return isinstance(chains.nodes[0], ast.Module) and node in chains.nodes[0].body


def _sends(chains: Chains, function: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Call) and chains.verb_of(node) is not None
        for node in ast.walk(function)
    )
