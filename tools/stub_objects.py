"""Write engine/stubs/objects.pyi: a class for each of Stripe's resources."""

from __future__ import annotations

import ast
import keyword
from collections.abc import Iterator

from object_classes import (
    Package,
    Scope,
    generic,
    nested,
    object_name,
    options,
    renamed,
    unquoted,
)
from stub_text import literal, union

from stripe_flows.engine.check.checker_stubs import class_of

METHODS = {"get", "items", "keys", "to_dict", "values"}
SCALARS = {"str", "int", "float", "bool", "Any"}


def object_blocks(package: Package) -> Iterator[str]:
    """Yield the classes in the order of `object`, each followed by those of its nested objects.

    Flows do not need the names of nested ones: `_PaymentIntentNextAction`.
    """
    fields = _Fields(package)
    for (module, name), _ in sorted(package.resources.items(), key=lambda pair: pair[1]):
        yield from fields.blocks((package.modules[module].classes[name],), module)


class _Fields:
    def __init__(self, package: Package) -> None:
        self._package = package

    def blocks(self, scope: Scope, module: str) -> Iterator[str]:
        body: list[str] = []
        remapped = renamed(scope[-1])
        for statement in scope[-1].body:
            if not isinstance(statement, ast.AnnAssign):
                continue
            field = ast.unparse(statement.target)
            if field == "OBJECT_NAME" or field.startswith("_"):
                continue
            field = remapped.get(field, field)
            if keyword.iskeyword(field) or not field.isidentifier():
                continue  # reached by `["from"]`, whose type nobody can know
            kind = self._type(statement.annotation, scope, module)
            # The field wins over the method, as it does when a script runs.
            note = "  # type: ignore[assignment]" if field in METHODS else ""
            body.append(f"\n    {field}: {kind}{note}")
        yield f"class {_class_name(scope)}(StripeObject):{''.join(body) or ' ...'}"
        for node in scope[-1].body:
            if isinstance(node, ast.ClassDef):
                yield from self.blocks((*scope, node), module)

    def _type(self, annotation: ast.expr, scope: Scope, module: str) -> str:
        annotation = unquoted(annotation)
        of = generic(annotation)
        if not of:
            return self._named(ast.unparse(annotation), scope, module)
        assert isinstance(annotation, ast.Subscript)
        inner = annotation.slice
        match of:
            case "Optional":
                return union([self._type(inner, scope, module), "Any"])
            case "List":
                return f"list[{self._type(inner, scope, module)}]"
            case "Dict" | "UntypedStripeObject":
                member = inner.elts[1] if isinstance(inner, ast.Tuple) else inner
                return f"Map[{self._type(member, scope, module)}]"
            case "Literal":
                elements = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                return literal(one.value for one in elements if isinstance(one, ast.Constant))
            case "ListObject":
                return f"Page[{self._type(inner, scope, module)}]"
            case "ExpandableField":
                return "Expandable"
            case "Union":
                found = [self._type(one, scope, module) for one in options(annotation)]
                return union(found)
        raise ValueError(f"not a known annotation: {ast.unparse(annotation)}")

    def _named(self, name: str, scope: Scope, module: str) -> str:
        if name in SCALARS:
            return name
        if name == "Decimal":
            return "str"  # as it stands in JSON
        if name == "StripeObject":
            return "Map[Any]"
        resource = self._package.resource(module, name)
        if resource is not None:
            return class_of(resource)
        return _class_name(nested(scope, name))


def _class_name(scope: Scope) -> str:
    outer, *inner = (node.name for node in scope)
    resource = class_of(object_name(scope[0]) or outer)
    return f"_{resource}{''.join(inner)}" if inner else resource
