"""Read operations from the services of the `stripe` package: method, path, parameters, answer.

Each service class (`stripe/checkout/_session_service.py`) stands for a resource, and each of its
methods that ends in a request is an operation.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from catalog_shapes import Shape, generic, parameters

ANSWERS = {"ListObject": "list", "SearchResultObject": "search"}
"""Classes of pages of objects, and the word for them before the name of the object."""


@dataclass(frozen=True)
class Endpoint:
    """A method of a service. `words`: the folders and name of the service; `base`: Stripe's host."""

    words: tuple[str, ...]
    verb: str
    method: str
    path: str
    base: str
    fields: dict[str, Shape]
    answers: str


def endpoints(package: Path, version: str = "v1") -> Iterator[Endpoint]:
    """Yield every endpoint of one version of Stripe's API, in the order of the services' names."""
    for file in sorted(package.rglob("_*_service.py")):
        parts = file.relative_to(package).parts
        words = (*parts[:-1], parts[-1].removeprefix("_").removesuffix("_service.py"))
        tree = ast.parse(file.read_text(encoding="utf-8"))
        imports = {
            alias.name: node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }
        for service in (node for node in tree.body if isinstance(node, ast.ClassDef)):
            for method in service.body:
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
                    found = _endpoint(package, words, method, imports)
                    if found is not None and found.path.startswith(f"/{version}/"):
                        yield found


def _endpoint(
    package: Path, words: tuple[str, ...], method: ast.FunctionDef, imports: dict[str, str]
) -> Endpoint | None:
    for request in ast.walk(method):
        if (
            isinstance(request, ast.Call)
            and isinstance(request.func, ast.Attribute)
            and request.func.attr in ("_request", "_request_stream")
        ):
            break
    else:
        return None
    http, path = (_text(argument) for argument in request.args[:2])
    base = next(_text(k.value) for k in request.keywords if k.arg == "base_address")
    annotation = next((a.annotation for a in method.args.args if a.arg == "params"), None)
    fields: dict[str, Shape] = {}
    if annotation is not None and path.startswith("/v1/"):
        if generic(annotation) == "Optional":
            assert isinstance(annotation, ast.Subscript)
            annotation = annotation.slice
        name = _text(annotation)
        module = package.parent / Path(*imports[name].split(".")).with_suffix(".py")
        fields = parameters(module).fields(name)
    assert method.returns is not None
    answers = _answers(package, ast.parse(_text(method.returns), mode="eval").body, imports)
    return Endpoint(words, method.name, http.upper(), path, base, fields, answers)


def _answers(package: Path, node: ast.expr, imports: dict[str, str]) -> str:
    """Name the objects of an answer: `payment_intent`, `list payment_intent`, `bank_account|card`."""
    if isinstance(node, ast.Name):
        return "any" if node.id == "Any" else _object_name(package, node.id, imports[node.id])
    if not isinstance(node, ast.Subscript):  # None: nothing is answered
        return "any"
    outer, inner = generic(node), node.slice
    if outer == "Union":
        assert isinstance(inner, ast.Tuple)
        return "|".join(_answers(package, one, imports) for one in inner.elts)
    many = ANSWERS.get(outer)
    inner_name = _answers(package, inner, imports)
    return f"{many} {inner_name}" if many else inner_name


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _object_name(package: Path, name: str, module: str) -> str:
    tree = _tree(package.parent / Path(*module.split(".")).with_suffix(".py"))
    found = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name)
    for node in found.body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "OBJECT_NAME":
            assert node.value is not None
            return _text(node.value)
    return "any"


def api_version(package: Path) -> str:
    """Return the version of Stripe's API that the package's types are for."""
    for node in ast.walk(_tree(package / "_api_version.py")):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CURRENT":
            return _text(node.value)
    raise ValueError("no API version in the stripe package")


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        assert isinstance(node.func, ast.Attribute)
        node = node.func.value
    assert isinstance(node, ast.Constant)
    return str(node.value)
