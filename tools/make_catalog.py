"""Makes engine/stripe/catalog.json from the typed parameters of the pinned `stripe` package.

    python tools/make_catalog.py           writes it
    python tools/make_catalog.py --check   exits 1 if the file is stale

Only facts are taken: names, methods, paths, types, which are required, and the values of closed
lists. The package is read as text with `ast`; none of its modules is imported. The shape of the
file is described in engine/stripe/catalog.py, which reads it.
"""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import json
import sys
from collections import Counter
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "engine" / "stripe" / "catalog.json"
COMMAND = "python tools/make_catalog.py"

SERVICES = ("customer", "payment_intent", "price", "product", "subscription")
"""Resources whose service modules (`stripe/_<name>_service.py`) are read."""

ON_AN_OBJECT_OF_ITS_OWN = ("create", "delete", "list", "retrieve", "update")
"""In a method such as `delete_discount`, the verb; the rest names what belongs to the resource."""

REQUEST_OPTIONS = "RequestOptions"
"""The base class of parameters whose fields are options of the request, not parameters."""

Shape = str | int | dict[str, object]


class Parameters:
    """The TypedDict classes of one module of `stripe.params`, as shapes."""

    def __init__(self, module: Path) -> None:
        self._classes: dict[str, ast.ClassDef] = {}
        self._functional: dict[str, ast.Dict] = {}
        for node in ast.parse(module.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                self._classes[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                target, fields = node.targets[0], node.value.args[1]
                assert isinstance(target, ast.Name)
                assert isinstance(fields, ast.Dict)
                self._functional[target.id] = fields

    def fields(self, name: str) -> dict[str, Shape]:
        """A class's fields; the name of a required one ends in `!`."""
        fields: dict[str, Shape] = {}
        if name in self._functional:
            table = self._functional[name]
            for key, value in zip(table.keys, table.values, strict=True):
                assert isinstance(key, ast.Constant)
                self._add(fields, str(key.value), value)
            return fields
        node = self._classes[name]
        for base in node.bases:
            assert isinstance(base, ast.Name)
            if base.id not in (REQUEST_OPTIONS, "TypedDict"):
                fields |= self.fields(base.id)
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign):
                assert isinstance(statement.target, ast.Name)
                self._add(fields, statement.target.id, statement.annotation)
        return fields

    def _add(self, fields: dict[str, Shape], name: str, annotation: ast.expr) -> None:
        annotation = _unquoted(annotation)
        optional = _generic(annotation) == "NotRequired"
        if optional:
            assert isinstance(annotation, ast.Subscript)
            annotation = annotation.slice
        fields[name if optional else f"{name}!"] = self.shape(annotation)

    def shape(self, annotation: ast.expr) -> Shape:
        annotation = _unquoted(annotation)
        options = _options(annotation)
        if len(options) > 1:
            return self._union(options)
        if isinstance(annotation, ast.Name):
            if annotation.id in SCALARS:
                return SCALARS[annotation.id]
            return {"object": self.fields(annotation.id)}
        assert isinstance(annotation, ast.Subscript), ast.dump(annotation)
        inner = annotation.slice
        match _generic(annotation):
            case "List":
                return {"list": self.shape(inner)}
            case "Dict":
                assert isinstance(inner, ast.Tuple)
                return {"map": self.shape(inner.elts[1])}
            case "Literal":
                return {"enum": _values(inner)}
            case "Optional":
                # None leaves a parameter out, wherever it stands.
                return self.shape(inner)
        raise ValueError(f"not a known annotation: {ast.unparse(annotation)}")

    def _union(self, options: list[ast.expr]) -> Shape:
        # `UntypedStripeObject[T]` says once more what `Dict[str, T]` beside it says.
        options = [option for option in options if _generic(option) != "UntypedStripeObject"]
        shapes = [self.shape(option) for option in options]
        unset = {"enum": [""]}
        others = [shape for shape in shapes if shape != unset]
        enums = [shape for shape in others if isinstance(shape, dict) and "enum" in shape]
        if "string" in others and enums:
            # An open list: its values help to name the nearest, and any text may be sent.
            others = [shape for shape in others if shape != "string" and shape not in enums]
            others.insert(0, {"enum": [v for e in enums for v in _list(e["enum"])], "open": True})
        whole: Shape = others[0] if len(others) == 1 else {"any_of": others}
        return {"unset": whole} if unset in shapes else whole


SCALARS: dict[str, str] = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "Decimal": "decimal",
    "bool": "boolean",
    "Any": "any",
}


def operations(package: Path) -> dict[str, dict[str, object]]:
    """Every operation of the services, by name."""
    found: dict[str, dict[str, object]] = {}
    for resource in SERVICES:
        tree = ast.parse((package / f"_{resource}_service.py").read_text(encoding="utf-8"))
        service = next(node for node in tree.body if isinstance(node, ast.ClassDef))
        for method in service.body:
            if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
                name, operation = _operation(package, resource, method)
                if name in found:
                    raise ValueError(f"two operations are called {name}")
                found[name] = operation
    return dict(sorted(found.items()))


def _operation(
    package: Path, resource: str, method: ast.FunctionDef
) -> tuple[str, dict[str, object]]:
    request = next(
        node
        for node in ast.walk(method)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "_request"
    )
    verb, path = (_text(argument) for argument in request.args[:2])
    annotation = next(a.annotation for a in method.args.args if a.arg == "params")
    assert annotation is not None
    optional = _generic(annotation) == "Optional"
    if optional:
        assert isinstance(annotation, ast.Subscript)
        annotation = annotation.slice
    assert isinstance(annotation, ast.Constant)
    params = str(annotation.value)
    module = package / "params" / f"_{_snake(params)}.py"
    return _name(resource, method.name, path), {
        "method": verb.upper(),
        "path": path,
        "resource": resource,
        "verb": method.name,
        "parameters": Parameters(module).fields(params),
    }


def _name(resource: str, method: str, path: str) -> str:
    if method in ("list", "search"):
        # Many of them: the plural that Stripe's own path uses.
        plural = [part for part in path.split("/") if "{" not in part and part != "search"][-1]
        return f"{method}_{plural}"
    verb, _, rest = method.partition("_")
    if rest and verb in ON_AN_OBJECT_OF_ITS_OWN:
        return f"{verb}_{resource}_{rest}"
    return f"{method}_{resource}"


def render(package: Path) -> str:
    """The catalog's text: one line for each shared shape and for each operation."""
    found = operations(package)
    shared = _Shared(list(found.values()))
    lines = [f"{_dumps(name)}: {_dumps(shared.replace(o))}" for name, o in found.items()]
    version = importlib.metadata.version("stripe")
    return (
        f'{{"generated": "by `{COMMAND}` from stripe {version}; not to be edited",\n'
        f'"api_version": "{_api_version(package)}",\n'
        '"shapes": [\n' + ",\n".join(shared.lines) + "\n],\n"
        '"operations": {\n' + ",\n".join(lines) + "\n}}\n"
    )


class _Shared:
    """Shapes that occur more than once are written once; a number stands for them elsewhere."""

    LEAST = 60

    def __init__(self, roots: list[dict[str, object]]) -> None:
        self._counts: Counter[str] = Counter()
        self._numbers: dict[str, int] = {}
        self.lines: list[str] = []
        for root in roots:
            self._count(root)

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
        small = {key: self._member(value) for key, value in node.items()}
        is_shape = next(iter(node), "") in ("object", "enum", "list", "map", "any_of", "unset")
        if self._counts[text] < 2 or len(text) < self.LEAST or not is_shape:
            return small
        self.lines.append(_dumps(small))
        self._numbers[text] = len(self.lines) - 1
        return self._numbers[text]

    def _member(self, value: object) -> object:
        if isinstance(value, list):
            return [self.replace(item) for item in value]
        return self.replace(value)


def _api_version(package: Path) -> str:
    tree = ast.parse((package / "_api_version.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CURRENT":
            return _text(node.value)
    raise ValueError("no API version in the stripe package")


def _unquoted(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return ast.parse(node.value, mode="eval").body
    return node


def _generic(node: ast.expr) -> str:
    return ast.unparse(node.value) if isinstance(node, ast.Subscript) else ""


def _options(node: ast.expr) -> list[ast.expr]:
    node = _unquoted(node)
    if isinstance(node, ast.BinOp):
        return _options(node.left) + _options(node.right)
    if _generic(node) == "Union":
        assert isinstance(node, ast.Subscript)
        assert isinstance(node.slice, ast.Tuple)
        return [option for element in node.slice.elts for option in _options(element)]
    return [node]


def _values(node: ast.expr) -> list[object]:
    elements = node.elts if isinstance(node, ast.Tuple) else [node]
    return [element.value for element in elements if isinstance(element, ast.Constant)]


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Attribute)
        node = node.func.value
    assert isinstance(node, ast.Constant)
    return str(node.value)


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)


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
