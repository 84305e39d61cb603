"""Makes local/simulator/objects.json from the typed resources of the pinned `stripe` package.

    python tools/make_objects.py           writes it
    python tools/make_objects.py --check   exits 1 if the file is stale

Only facts are taken: the fields of each resource with their types, and which resource an endpoint
answers. The package is read as text with `ast`; none of its modules is imported. The shape of the
file is described in local/simulator/shapes.py, which reads it.
"""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import json
import sys
from collections import Counter
from pathlib import Path
from typing import TypeAlias

TARGET = Path(__file__).resolve().parent.parent / "local" / "simulator" / "objects.json"
COMMAND = "python tools/make_objects.py"

LEFT_OUT = ("v2", "events", "params", "data")
"""Folders of the package that hold no v1 resource."""

REQUESTS = ("self._request", "self._request_stream")

MAX_DEPTH = 7
"""Fields below are left untyped: nobody reads that deep into an object that does not exist."""

FRESH = ("draft", "open", "requires_payment_method", "active", "pending", "auto", "none", "card")
"""Of the values of a closed list, those that a fresh object has, the likeliest first."""

SCALARS = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "Decimal": "decimal",
    "bool": "boolean",
    "Any": "any",
}

Shape: TypeAlias = "str | int | dict[str, object]"
Scope: TypeAlias = "tuple[ast.ClassDef, ...]"


class Module:
    """One module: its classes, and which names it imports from which other module."""

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
    """The whole package, module by module, with the resource that each class is."""

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
            if (resource := _object_name(node)) is not None
        }

    def resource(self, module: str, name: str) -> str | None:
        """The object name of a class, as the module calls it; None: it is no resource."""
        where, real = self.modules[module].imports.get(name, (module, name))
        return self.resources.get((where, real))


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
        renamed = _renamed(scope[-1])
        for statement in scope[-1].body:
            if not isinstance(statement, ast.AnnAssign):
                continue
            assert isinstance(statement.target, ast.Name)
            name = statement.target.id
            if name != "OBJECT_NAME" and not name.startswith("_"):
                shape = self._shape(statement.annotation, scope, module, depth)
                found[renamed.get(name, name)] = shape
        return found

    def _shape(self, annotation: ast.expr, scope: Scope, module: str, depth: int) -> Shape:
        annotation = _unquoted(annotation)
        generic = _generic(annotation)
        if not generic:
            return self._named(ast.unparse(annotation), scope, module, depth)
        assert isinstance(annotation, ast.Subscript)
        inner = annotation.slice
        match generic:
            case "Optional":
                shape = self._shape(inner, scope, module, depth)
                return f"?{shape}" if isinstance(shape, str) else {"null": shape}
            case "List":
                return {"list": self._shape(inner, scope, module, depth)}
            case "Dict" | "UntypedStripeObject":
                member = inner.elts[1] if isinstance(inner, ast.Tuple) else inner
                return {"map": self._shape(member, scope, module, depth)}
            case "Literal":
                return f"'{_first(_values(inner))}"
            case "ListObject":
                shape = self._shape(inner, scope, module, depth)
                return f"[{shape[1:]}" if isinstance(shape, str) else {"page": shape}
            case "ExpandableField":
                names = [ast.unparse(_unquoted(option)) for option in _options(inner)]
                found = [self._package.resource(module, name) for name in names]
                return "@" + "|".join(name for name in found if name is not None)
            case "Union":
                # An open list of values says `Union[Literal[…], str]`; the first one will do.
                return self._shape(_options(annotation)[0], scope, module, depth)
        raise ValueError(f"not a known annotation: {ast.unparse(annotation)}")

    def _named(self, name: str, scope: Scope, module: str, depth: int) -> Shape:
        if name in SCALARS:
            return SCALARS[name]
        if name == "StripeObject":
            return {"map": "any"}
        resource = self._package.resource(module, name)
        if resource is not None:
            return f"={resource}"
        nested = _nested(scope, name)
        if depth >= MAX_DEPTH:
            return {"object": {}}
        return {"object": self._of(nested, module, depth + 1)}


def _nested(scope: Scope, name: str) -> Scope:
    """The class that a name means, looked for from the innermost class outwards."""
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


def _renamed(node: ast.ClassDef) -> dict[str, str]:
    """Fields whose name is a Python keyword have another in the class: `from_` is `from`."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == (
            "_field_remappings"
        ):
            table: dict[str, str] = ast.literal_eval(statement.value)
            return table
    return {}


def answers(package: Package) -> dict[str, str]:
    """Endpoint → what it answers: `=charge`, `[charge` for a list, `/charge` for a search."""
    found: dict[str, str] = {}
    for name, module in package.modules.items():
        if not name.endswith("_service"):
            continue
        for node in module.classes.values():
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
                    endpoint = _endpoint(method)
                    if endpoint is not None and method.returns is not None:
                        found[endpoint] = _answer(package, name, method.returns)
    for endpoint, answer in found.items():
        if answer == "=":
            # Annotated with a name for any of several: those that the list there holds.
            collection = endpoint.partition(" ")[2].removesuffix("/{id}")
            found[endpoint] = "=" + found[f"GET {collection}"][1:]
    return dict(sorted(found.items()))


def _endpoint(method: ast.FunctionDef) -> str | None:
    for node in ast.walk(method):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in REQUESTS:
            verb, path = (_text(argument) for argument in node.args[:2])
            return f"{verb.upper()} {path}"
    return None


def _answer(package: Package, module: str, annotation: ast.expr) -> str:
    annotation = _unquoted(annotation)
    sign = {"ListObject": "[", "SearchResultObject": "/"}.get(_generic(annotation), "=")
    if isinstance(annotation, ast.Subscript):
        annotation = annotation.slice
    names = [ast.unparse(_unquoted(option)) for option in _options(annotation)]
    found = [package.resource(module, name) for name in names]
    return sign + "|".join(name for name in found if name is not None)


def event_types(package: Package) -> list[str]:
    """The types of events that Stripe documents."""
    node = package.modules["stripe._event"].classes["Event"]
    annotation = next(
        statement.annotation
        for statement in node.body
        if isinstance(statement, ast.AnnAssign) and ast.unparse(statement.target) == "type"
    )
    literal = _options(annotation)[0]
    assert isinstance(literal, ast.Subscript)
    return _values(literal.slice)


def render(folder: Path) -> str:
    """The file's text: one line for each shared shape, each resource and each endpoint."""
    package = Package(folder)
    resources = Fields(package).all()
    shared = _Shared(resources)
    lines = [f"{_dumps(name)}: {_dumps(shared.replace(row))}" for name, row in resources.items()]
    ends = [f"{_dumps(name)}: {_dumps(answer)}" for name, answer in answers(package).items()]
    version = importlib.metadata.version("stripe")
    return (
        f'{{"generated": "by `{COMMAND}` from stripe {version}; not to be edited",\n'
        '"shapes": [\n' + ",\n".join(shared.lines) + "\n],\n"
        f'"events": {_dumps(event_types(package))},\n'
        '"answers": {\n' + ",\n".join(ends) + "\n},\n"
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


def _object_name(node: ast.ClassDef) -> str | None:
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and ast.unparse(statement.target) == "OBJECT_NAME":
            # The abstract base classes declare the name without giving one.
            value = statement.value
            return str(value.value) if isinstance(value, ast.Constant) else None
    return None


def _unquoted(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return ast.parse(node.value, mode="eval").body
    return node


def _generic(node: ast.expr) -> str:
    return ast.unparse(node.value) if isinstance(node, ast.Subscript) else ""


def _options(node: ast.expr) -> list[ast.expr]:
    node = _unquoted(node)
    if _generic(node) == "Union":
        assert isinstance(node, ast.Subscript)
        assert isinstance(node.slice, ast.Tuple)
        return [option for element in node.slice.elts for option in _options(element)]
    return [node]


def _first(values: list[str]) -> str:
    """The value of a closed list that a fresh object has."""
    return next((value for value in FRESH if value in values), values[0])


def _values(node: ast.expr) -> list[str]:
    elements = node.elts if isinstance(node, ast.Tuple) else [node]
    return [str(element.value) for element in elements if isinstance(element, ast.Constant)]


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Attribute)
        node = node.func.value
    assert isinstance(node, ast.Constant)
    return str(node.value)


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def package_folder() -> Path:
    spec = importlib.util.find_spec("stripe")
    if spec is None or spec.origin is None:
        raise SystemExit("the `stripe` package is not installed")
    return Path(spec.origin).parent


def main(arguments: list[str]) -> int:
    text = render(package_folder())
    if arguments == ["--check"]:
        if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text:
            return 0
        sys.stderr.write(f"{TARGET} is stale: run `{COMMAND}`\n")
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
