"""Find methods and options of Python in a text that the sandbox does not have.

The sandbox itself is asked, once for each method. The type of a value is read from the text where it is
clear. It does not matter for a method that none of the sandbox's types has.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from stripe_flows.engine.diagnose import not_in_sandbox
from stripe_flows.engine.diagnose.not_in_sandbox import no_member

from .builder_chains import Chains
from .finding import Said

_BUILT_IN = ("str", "int", "float", "bytes", "dict", "list", "tuple", "set")
_LISTS = (ast.List, ast.ListComp)


def unsupported(chains: Chains, ends_well: Callable[[str], bool]) -> Iterator[Said]:
    """Yield all of them in one text, in the words that a run would end with."""
    text = _Text(chains, ends_well)
    called = {id(node.func) for node in chains.nodes if isinstance(node, ast.Call)}
    for node in chains.nodes:
        message: str | None = None
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            message = text.method(node) if id(node) in called else text.bare(node)
            if message is not None:
                yield Said(node, message)
        elif isinstance(node, ast.Call):
            message = text.call(node)
            if message is not None:
                yield Said(node, message)


class _Text:
    def __init__(self, chains: Chains, ends_well: Callable[[str], bool]) -> None:
        self._chains = chains
        self._ends_well = ends_well
        self._modules: dict[str, str] = {}
        self._imported: dict[str, str] = {}
        self._functions: set[str] = set()
        self._own: set[str] = set()
        for node in chains.nodes:
            match node:
                case ast.Import(names=names):
                    self._modules |= {one.asname or one.name: one.name for one in names}
                case ast.ImportFrom(module=str(module), names=names):
                    self._imported |= {
                        one.asname or one.name: f"{module}.{one.name}" for one in names
                    }
                case ast.FunctionDef(name=name):
                    self._functions.add(name)
                case ast.ClassDef(body=body):
                    self._own |= {one.name for one in body if isinstance(one, ast.FunctionDef)}

    def method(self, node: ast.Attribute) -> str | None:
        """Explain a method that is called."""
        name = node.attr
        kinds = not_in_sandbox.kinds_with(name)
        if not kinds or name in self._own or self._is_module(node.value):
            return None
        known = self._class(node.value)
        if known is not None:
            there = known not in kinds or self._has(known, name)
        elif self._is_builder(node.value):
            there = True
        else:
            # A variable may as well hold the class itself: `clock = datetime`.
            held = [one for kind in kinds for one in (not_in_sandbox.KINDS[kind][1], kind)]
            there = any(self._has(one, name) for one in held)
        return None if there else not_in_sandbox.no_python_method(name)

    def bare(self, node: ast.Attribute) -> str | None:
        """Explain a method that is passed on, or an attribute of a module."""
        if isinstance(node.value, ast.Name) and self._modules.get(node.value.id) == "datetime":
            return no_member("datetime", "UTC") if node.attr == "UTC" else None
        kind = self._class(node.value) or self._kind(node.value)
        return (
            not_in_sandbox.no_bare_method(node)
            if kind and not_in_sandbox.has_python(kind, node.attr)
            else None
        )

    def call(self, node: ast.Call) -> str | None:
        """Explain the arguments of a module's function."""
        match node.func:
            case ast.Name(id="next") if "next" not in self._chains.bound and node.args:
                return not_in_sandbox.NO_NEXT if self._is_list(node.args[0]) else None
            case ast.Attribute(attr="dumps" | "dump", value=ast.Name(id=module)) if (
                self._modules.get(module) == "json"
            ):
                for keyword in node.keywords:
                    if keyword.arg is not None and not self._ends_well(
                        not_in_sandbox.script_that_dumps(keyword.arg)
                    ):
                        return not_in_sandbox.no_json_option(keyword.arg)
            case ast.Attribute(attr="sub", value=ast.Name(id=module)) if (
                self._modules.get(module) == "re"
            ):
                given = [*node.args[1:2], *(k.value for k in node.keywords if k.arg == "repl")]
                if any(self._is_function(one) for one in given):
                    return not_in_sandbox.NO_FUNCTION_IN_SUB
        return None

    def _has(self, value: str, name: str) -> bool:
        return self._ends_well(not_in_sandbox.script_that_calls(value, name))

    def _is_list(self, node: ast.expr) -> bool:
        """Return whether a value is clearly a list; in the sandbox a generator expression is one."""
        bound = self._chains.bound
        if isinstance(node, ast.Name) and node.id not in bound.otherwise:
            values = bound.values.get(node.id, [])
            return bool(values) and all(isinstance(v, (*_LISTS, ast.GeneratorExp)) for v in values)
        return isinstance(node, (*_LISTS, ast.GeneratorExp))

    def _is_module(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id in self._modules

    def _is_function(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Lambda) or (
            isinstance(node, ast.Name) and node.id in self._functions
        )

    def _is_builder(self, node: ast.expr) -> bool:
        return self._chains.of(node) is not None

    def _class(self, node: ast.expr) -> str | None:
        """Return the type that an expression names: `str`, `datetime`, `datetime.datetime`."""
        match node:
            case ast.Name(id=name) if name in self._imported:
                kind = self._imported[name]
                return kind if kind in not_in_sandbox.KINDS else None
            case ast.Name(id=name) if name in _BUILT_IN and name not in self._chains.bound:
                return name
            case ast.Attribute(value=ast.Name(id=module), attr=attr):
                kind = f"{self._modules.get(module)}.{attr}"
                return kind if kind in not_in_sandbox.KINDS else None
        return None

    def _kind(self, node: ast.expr) -> str | None:
        """Return the type of a value, if the text shows it clearly."""
        bound = self._chains.bound
        match node:
            case ast.Constant(value=str() | int() | float() | bytes() as value):
                return type(value).__name__
            case ast.JoinedStr():
                return "str"
            case ast.Dict() | ast.DictComp():
                return "dict"
            case ast.List() | ast.ListComp():
                return "list"
            case ast.Name(id="params") if "params" not in bound:
                return "dict"
            case ast.Name(id=name) if name not in bound.otherwise:
                values = bound.values.get(name, [])
                kinds = {None if isinstance(v, ast.Name) else self._kind(v) for v in values}
                return kinds.pop() if len(kinds) == 1 else None
        return None
