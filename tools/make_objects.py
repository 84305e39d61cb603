"""Generate simulator/objects/objects.json from the typed resources of the pinned `stripe` package.

    python tools/make_objects.py           writes it
    python tools/make_objects.py --check   exits 1 if the file is stale

Only facts are used: the fields of each resource with their types, and the types of events. The
package is read as text with `ast`; none of its modules is imported. simulator/objects/shapes.py reads
the file and describes its form.
"""

from __future__ import annotations

import ast
import importlib.metadata
import json
import sys
from collections import Counter
from pathlib import Path
from typing import TypeAlias

from generated import write_or_check
from object_classes import (
    Package,
    Scope,
    generic,
    nested,
    options,
    package_folder,
    renamed,
    unquoted,
    values,
)

TARGET = Path(__file__).resolve().parent.parent / "simulator" / "objects" / "objects.json"
COMMAND = "python tools/make_objects.py"


MAX_DEPTH = 7
"""Fields nested deeper have no type: nobody reads that deep into an object that does not exist."""

FRESH = ("draft", "open", "requires_payment_method", "active", "pending", "auto", "none", "card")
"""Values of closed lists that a new object has, the likeliest first."""

SCALARS = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "Decimal": "decimal",
    "bool": "boolean",
    "Any": "any",
}

Shape: TypeAlias = "str | int | dict[str, object]"


class Fields:
    """The fields of the resources, as shapes."""

    def __init__(self, package: Package) -> None:
        self._package = package

    def all(self) -> dict[str, dict[str, Shape]]:
        return {
            resource: self._of((self._package.modules[module].classes[name],), module, 0)
            for (module, name), resource in sorted(
                self._package.resources.items(), key=lambda entry: entry[1]
            )
        }

    def _of(self, scope: Scope, module: str, depth: int) -> dict[str, Shape]:
        found: dict[str, Shape] = {}
        names = renamed(scope[-1])
        for statement in scope[-1].body:
            if not isinstance(statement, ast.AnnAssign):
                continue
            assert isinstance(statement.target, ast.Name)
            name = statement.target.id
            if name != "OBJECT_NAME" and not name.startswith("_"):
                shape = self._shape(statement.annotation, scope, module, depth)
                found[names.get(name, name)] = shape
        return found

    def _shape(self, annotation: ast.expr, scope: Scope, module: str, depth: int) -> Shape:
        annotation = unquoted(annotation)
        of = generic(annotation)
        if not of:
            return self._named(ast.unparse(annotation), scope, module, depth)
        assert isinstance(annotation, ast.Subscript)
        inner = annotation.slice
        match of:
            case "Optional":
                shape = self._shape(inner, scope, module, depth)
                return f"?{shape}" if isinstance(shape, str) else {"null": shape}
            case "List":
                return {"list": self._shape(inner, scope, module, depth)}
            case "Dict" | "UntypedStripeObject":
                member = inner.elts[1] if isinstance(inner, ast.Tuple) else inner
                return {"map": self._shape(member, scope, module, depth)}
            case "Literal":
                return f"'{_first(values(inner))}"
            case "ListObject":
                shape = self._shape(inner, scope, module, depth)
                return f"[{shape[1:]}" if isinstance(shape, str) else {"page": shape}
            case "ExpandableField":
                names = [ast.unparse(unquoted(option)) for option in options(inner)]
                found = [self._package.resource(module, name) for name in names]
                return "@" + "|".join(name for name in found if name is not None)
            case "Union":
                # An open list of values says `Union[Literal[…], str]`; the first one will do.
                return self._shape(options(annotation)[0], scope, module, depth)
        raise ValueError(f"not a known annotation: {ast.unparse(annotation)}")

    def _named(self, name: str, scope: Scope, module: str, depth: int) -> Shape:
        if name in SCALARS:
            return SCALARS[name]
        if name == "StripeObject":
            return {"map": "any"}
        resource = self._package.resource(module, name)
        if resource is not None:
            return f"={resource}"
        inner = nested(scope, name)
        if depth >= MAX_DEPTH:
            return {"object": {}}
        return {"object": self._of(inner, module, depth + 1)}


def event_types(package: Package) -> list[str]:
    """Return the types of events that Stripe documents."""
    node = package.modules["stripe._event"].classes["Event"]
    annotation = next(
        statement.annotation
        for statement in node.body
        if isinstance(statement, ast.AnnAssign) and ast.unparse(statement.target) == "type"
    )
    literal = options(annotation)[0]
    assert isinstance(literal, ast.Subscript)
    return values(literal.slice)


def render(folder: Path) -> str:
    """Return the text of the file: a line for each shared shape, resource and endpoint."""
    package = Package(folder)
    resources = Fields(package).all()
    shared = _Shared(resources)
    lines = [f"{_dumps(name)}: {_dumps(shared.replace(row))}" for name, row in resources.items()]
    version = importlib.metadata.version("stripe")
    return (
        f'{{"generated": "by `{COMMAND}` from stripe {version}; not to be edited",\n'
        '"shapes": [\n' + ",\n".join(shared.lines) + "\n],\n"
        f'"events": {_dumps(event_types(package))},\n'
        '"resources": {\n' + ",\n".join(lines) + "\n}}\n"
    )


class _Shared:
    """Shapes that occur more than once are written once; a number stands for them elsewhere."""

    LEAST = 40

    def __init__(self, resources: dict[str, dict[str, Shape]]) -> None:
        self._counts: Counter[str] = Counter()
        self._numbers: dict[str, int] = {}
        self.lines: list[str] = []
        for fields in resources.values():
            for shape in fields.values():
                self._count(shape)

    def _count(self, node: object) -> None:
        if isinstance(node, dict):
            text = _dumps(node)
            self._counts[text] += 1
            if self._counts[text] == 1 or len(text) < self.LEAST:
                for value in node.values():
                    self._count(value)

    def replace(self, node: object) -> object:
        if not isinstance(node, dict):
            return node
        text = _dumps(node)
        if text in self._numbers:
            return self._numbers[text]
        small = {key: self.replace(value) for key, value in node.items()}
        is_shape = len(node) == 1 and next(iter(node)) in ("object", "list", "map", "null", "page")
        if self._counts[text] < 2 or len(text) < self.LEAST or not is_shape:
            return small
        self.lines.append(_dumps(small))
        self._numbers[text] = len(self.lines) - 1
        return self._numbers[text]


def _first(values: list[str]) -> str:
    """Return the value of a closed list that a new object has."""
    return next((value for value in FRESH if value in values), values[0])


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


if __name__ == "__main__":
    sys.exit(write_or_check(TARGET, render(package_folder()), COMMAND, sys.argv[1:]))
