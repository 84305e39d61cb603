"""Turn the TypedDict parameters of the `stripe` package into shapes: see engine/stripe/shapes.py.

The package is read as text with `ast`; none of its modules is imported. Only facts are used. The
one fact from a docstring is whether an integer is a point in time.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

Shape = str | dict[str, object]

REQUEST_OPTIONS = "RequestOptions"
"""The base class whose fields are options of the request, not parameters."""

SCALARS: dict[str, str] = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "Decimal": "decimal",
    "bool": "boolean",
    "Any": "any",
}

_TIME = re.compile(r"\b(?:unix|timestamp|seconds since|epoch)\b", re.IGNORECASE)
# Many are known by their names: every integer with such a name is a point in time, and counts, days
# and hours have other names (`delay_days`, `end_hour`, `expires_after_days`).
_TIME_NAME = re.compile(
    r"(?:created|timestamp|start|end|.+_(?:at|date|time)|(?:trial|period)_end|.+_period_(?:start|end))"
)


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
        """Return the fields of a class; the name of a required one ends in `!`."""
        fields: dict[str, Shape] = {}
        if name in self._functional:
            table = self._functional[name]
            for key, value in zip(table.keys, table.values, strict=True):
                assert isinstance(key, ast.Constant)
                self._add(fields, str(key.value), value, "")
            return fields
        node = self._classes[name]
        for base in node.bases:
            assert isinstance(base, ast.Name)
            if base.id not in (REQUEST_OPTIONS, "TypedDict"):
                fields |= self.fields(base.id)
        for statement, after in zip(node.body, [*node.body[1:], None], strict=True):
            if isinstance(statement, ast.AnnAssign):
                assert isinstance(statement.target, ast.Name)
                said = after.value if isinstance(after, ast.Expr) else None
                text = str(said.value) if isinstance(said, ast.Constant) else ""
                self._add(fields, statement.target.id, statement.annotation, text)
        return fields

    def _add(self, fields: dict[str, Shape], name: str, annotation: ast.expr, said: str) -> None:
        annotation = _unquoted(annotation)
        optional = generic(annotation) == "NotRequired"
        if optional:
            assert isinstance(annotation, ast.Subscript)
            annotation = annotation.slice
        shape = self.shape(annotation)
        if _TIME.search(said) or _TIME_NAME.fullmatch(name):
            shape = _timed(shape)
        fields[name if optional else f"{name}!"] = shape

    def shape(self, annotation: ast.expr) -> Shape:
        """Return the shape of an annotation. Raises ValueError for an unknown one."""
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
        match generic(annotation):
            case "List":
                return {"list": self.shape(inner)}
            case "Dict":
                assert isinstance(inner, ast.Tuple)
                return {"map": self.shape(inner.elts[1])}
            case "Literal":
                return _enum(_values(inner))
            case "Optional":
                # None leaves a parameter out, at any depth.
                return self.shape(inner)
        raise ValueError(f"not a known annotation: {ast.unparse(annotation)}")

    def _union(self, options: list[ast.expr]) -> Shape:
        # `UntypedStripeObject[T]` repeats the `Dict[str, T]` beside it.
        options = [option for option in options if generic(option) != "UntypedStripeObject"]
        shapes = [self.shape(option) for option in options]
        unset: Shape = {"enum": [""]}
        unsets = any(shape == unset or "unset" in shape for shape in shapes)
        others = [_without_unset(shape) for shape in shapes if shape != unset]
        enums = [shape for shape in others if isinstance(shape, dict) and "enum" in shape]
        if "string" in others and enums:
            # An open list: any string may be sent; the values serve for "did you mean".
            others = [shape for shape in others if shape != "string" and shape not in enums]
            others.insert(0, {"enum": [v for e in enums for v in _list(e["enum"])], "open": True})
        whole: Shape = others[0] if len(others) == 1 else {"any_of": others}
        return {"unset": whole} if unsets else whole


@cache
def parameters(module: Path) -> Parameters:
    """Return the classes of the module, read once."""
    return Parameters(module)


def _enum(values: list[object]) -> Shape:
    kept = [value for value in values if value != ""]
    whole: Shape = {"enum": kept or values}
    return {"unset": whole} if kept and len(kept) < len(values) else whole


def _without_unset(shape: Shape) -> Shape:
    return _shape(shape["unset"]) if isinstance(shape, dict) and "unset" in shape else shape


def _timed(shape: Shape) -> Shape:
    if shape == "integer":
        return "timestamp"
    if isinstance(shape, dict):
        if "unset" in shape:
            return {"unset": _timed(_shape(shape["unset"]))}
        if "any_of" in shape:
            return {"any_of": [_timed(_shape(one)) for one in _list(shape["any_of"])]}
        fields = shape.get("object")
        if isinstance(fields, dict) and fields.keys() <= {"gt", "gte", "lt", "lte"}:
            return {"object": {name: _timed(one) for name, one in fields.items()}}
    return shape


def _shape(value: object) -> Shape:
    assert isinstance(value, str | dict)
    return value


def generic(node: ast.expr) -> str:
    """Return `List` of `List[int]`; an empty string without brackets."""
    return ast.unparse(node.value) if isinstance(node, ast.Subscript) else ""


def _unquoted(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return ast.parse(node.value, mode="eval").body
    return node


def _options(node: ast.expr) -> list[ast.expr]:
    node = _unquoted(node)
    if isinstance(node, ast.BinOp):
        return _options(node.left) + _options(node.right)
    if generic(node) == "Union":
        assert isinstance(node, ast.Subscript)
        assert isinstance(node.slice, ast.Tuple)
        return [option for element in node.slice.elts for option in _options(element)]
    return [node]


def _values(node: ast.expr) -> list[object]:
    elements = node.elts if isinstance(node, ast.Tuple) else [node]
    return [element.value for element in elements if isinstance(element, ast.Constant)]


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value
