"""Find the builders in a flow's text: which expression is which builder, and what is set on it.

A chain begins with a builder's function, or with a variable that only ever holds one builder. Whatever
the text does not show clearly is assumed to be right.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace

from stripe_flows.engine.diagnose.provenance import held_verb
from stripe_flows.engine.sandbox.builders import UNCHECKED, own_methods, setters
from stripe_flows.engine.stripe.catalog import Builder, Catalog

from .names import Bound


@dataclass(frozen=True)
class Setting:
    """One call of a setter. `value` is None if the call does not show it."""

    parameter: str
    value: ast.expr | None
    node: ast.Attribute


@dataclass(frozen=True)
class Chain:
    """A builder as far as an expression shows it. `ids` is None if their number is not clear.

    `variable` is where the chain begins, if not with the builder's function. `opened`: something
    was set by a way that is not checked. `misnamed` are the setters that are not there.
    """

    builder: Builder
    begin: ast.Call | None
    ids: tuple[ast.expr, ...] | None
    settings: tuple[Setting, ...] = ()
    variable: str | None = None
    opened: bool = False
    misnamed: tuple[ast.Attribute, ...] = ()


@dataclass
class Chains:
    """All chains of one text."""

    catalog: Catalog
    nodes: list[ast.AST]
    bound: Bound
    _known: dict[int, Chain | None] = field(default_factory=dict)
    _setters: dict[str, dict[str, str]] = field(default_factory=dict)
    _variables: dict[str, Chain | None] = field(default_factory=dict)
    _verbs: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        inner = {id(node.value) for node in self.nodes if isinstance(node, ast.Attribute)}
        self.escaped = {
            node.id
            for node in self.nodes
            if isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Load)
            and id(node) not in inner
        }
        """Variables that are passed on, so that more may be set on them elsewhere."""

    def setters(self, builder: Builder) -> dict[str, str]:
        """Return the builder's setters, each with its parameter."""
        if builder.name not in self._setters:
            self._setters[builder.name] = setters(self.catalog, builder.name)
        return self._setters[builder.name]

    def of(self, node: ast.expr) -> Chain | None:
        """Return the builder that an expression is; None if it is not clearly one."""
        if id(node) not in self._known:
            self._known[id(node)] = None  # for a variable that is assigned from itself
            self._known[id(node)] = self._read(node)
        return self._known[id(node)]

    def _read(self, node: ast.expr) -> Chain | None:
        match node:
            case ast.Name(id=name):
                return self._variable(name)
            case ast.Call(func=ast.Name(id=name)):
                return self._begun(node, name)
            case ast.Call(func=ast.Attribute() as method):
                before = self.of(method.value)
                return None if before is None else self._set(before, node, method)
        return None

    def _begun(self, node: ast.Call, name: str) -> Chain | None:
        builder = self.catalog.builders.get(name)
        if builder is None or name in self.bound:
            return None
        plain = not node.keywords and not any(isinstance(a, ast.Starred) for a in node.args)
        return Chain(builder, node, tuple(node.args) if plain else None)

    def _set(self, before: Chain, node: ast.Call, method: ast.Attribute) -> Chain | None:
        if method.attr == UNCHECKED:
            return replace(before, opened=True)
        parameter = self.setters(before.builder).get(method.attr)
        if method.attr in own_methods(before.builder) or method.attr.startswith("_"):
            return None
        if parameter is None:
            return replace(before, misnamed=(*before.misnamed, method))
        value = node.args[0] if len(node.args) == 1 and not node.keywords else None
        if isinstance(value, ast.Starred):
            value = None
        return replace(before, settings=(*before.settings, Setting(parameter, value, method)))

    def _variable(self, name: str) -> Chain | None:
        if name not in self._variables:
            self._variables[name] = None
            self._variables[name] = self._assigned(name)
        return self._variables[name]

    def _assigned(self, name: str) -> Chain | None:
        if name in self.bound.otherwise:
            return None
        found: list[Chain] = []
        for value in self.bound.values.get(name, []):
            if self._goes_on(value, name):
                continue
            chain = self.of(value)
            if chain is None:
                return None
            found.append(chain)
        if not found or any(chain.builder is not found[0].builder for chain in found):
            return None
        first = found[0]
        if len(self.bound.values[name]) == 1 and first.variable is None:
            return replace(first, variable=name)
        # Assigned more than once, or from another variable: its value is not clear.
        return Chain(first.builder, first.begin, None, variable=name, opened=True)

    def _goes_on(self, value: ast.expr, name: str) -> bool:
        """Return whether a value is `name` itself with setters: `intent = intent.amount(5)`."""
        while isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            if value.func.attr.endswith("_async") or value.func.attr == "create":
                return False
            value = value.func.value
        return isinstance(value, ast.Name) and value.id == name

    def set_on(self, variable: str) -> dict[str, list[Setting]]:
        """Return everything that the text sets on a variable, anywhere, by parameter."""
        found: dict[str, list[Setting]] = {}
        for node in self.nodes:
            if not isinstance(node, ast.Attribute):
                continue
            chain = self.of(node.value)
            if chain is None or chain.variable != variable:
                continue
            parameter = self.setters(chain.builder).get(node.attr)
            if parameter is not None:
                found.setdefault(parameter, []).append(Setting(parameter, None, node))
        return found

    def verb_of(self, node: ast.expr) -> str | None:
        """Return the verb whose string an expression is: its call, or a variable for it."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            chain = self.of(node.func.value)
            if chain is None or node.func.attr == UNCHECKED:
                return None
            return node.func.attr if node.func.attr in own_methods(chain.builder) else None
        if isinstance(node, ast.Name) and node.id not in self.bound.otherwise:
            if node.id not in self._verbs:
                self._verbs[node.id] = held_verb(self.bound.values.get(node.id, []), self.verb_of)
            return self._verbs[node.id]
        return None
