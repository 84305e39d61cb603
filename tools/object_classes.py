"""Read the typed resource classes of the `stripe` package as text, with `ast`."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from typing import TypeAlias

LEFT_OUT = ("v2", "events", "params", "data")
"""Folders of the package without v1 resources."""

Scope: TypeAlias = "tuple[ast.ClassDef, ...]"


class Module:
    """One module: its classes, and the other modules that its names are imported from."""

    def __init__(self, path: Path) -> None:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        self.classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
        self.imports = {
            alias.asname or alias.name: (node.module, alias.name)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module is not None
            for alias in node.names
        }


class Package:
    """The whole package by module, with the resource of each class."""

    def __init__(self, folder: Path) -> None:
        self.modules: dict[str, Module] = {}
        for path in sorted(folder.rglob("_*.py")):
            inner = path.relative_to(folder)
            if inner.parts[0] not in LEFT_OUT and path.name != "__init__.py":
                self.modules[".".join(["stripe", *inner.with_suffix("").parts])] = Module(path)
        self.resources = {
            (name, node.name): resource
            for name, module in self.modules.items()
            for node in module.classes.values()
            if (resource := object_name(node)) is not None
        }

    def resource(self, module: str, name: str) -> str | None:
        """Return the object name of a class by its name in the module; None if it is not a resource."""
        where, real = self.modules[module].imports.get(name, (module, name))
        return self.resources.get((where, real))


def object_name(node: ast.ClassDef) -> str | None:
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and ast.unparse(statement.target) == "OBJECT_NAME":
            # The abstract base classes declare the name without giving one.
            value = statement.value
            return str(value.value) if isinstance(value, ast.Constant) else None
    return None


def unquoted(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return ast.parse(node.value, mode="eval").body
    return node


def generic(node: ast.expr) -> str:
    return ast.unparse(node.value) if isinstance(node, ast.Subscript) else ""


def options(node: ast.expr) -> list[ast.expr]:
    node = unquoted(node)
    if generic(node) == "Union":
        assert isinstance(node, ast.Subscript)
        assert isinstance(node.slice, ast.Tuple)
        return [option for element in node.slice.elts for option in options(element)]
    return [node]


def values(node: ast.expr) -> list[str]:
    elements = node.elts if isinstance(node, ast.Tuple) else [node]
    return [str(element.value) for element in elements if isinstance(element, ast.Constant)]


def renamed(node: ast.ClassDef) -> dict[str, str]:
    """Return the names of fields that have another in the class, such as `from_` for `from`."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == (
            "_field_remappings"
        ):
            table: dict[str, str] = ast.literal_eval(statement.value)
            return table
    return {}


def nested(scope: Scope, name: str) -> Scope:
    """Find the class of a name, from the innermost class outwards."""
    steps = name.split(".")
    for end in range(len(scope), 0, -1):
        found = scope[:end]
        for step in steps:
            inner = (n for n in found[-1].body if isinstance(n, ast.ClassDef) and n.name == step)
            node = next(inner, None)
            if node is None:
                break
            found = (*found, node)
        else:
            return found
    raise ValueError(f"no class {name} in {'.'.join(node.name for node in scope)}")


def package_folder() -> Path:
    spec = importlib.util.find_spec("stripe")
    if spec is None or spec.origin is None:
        raise SystemExit("the `stripe` package is not installed")
    return Path(spec.origin).parent
