"""The public surface: what public functions return can be imported, and its fields are documented."""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from typing import Any

import pytest
from pydantic import BaseModel

import stripe_flows
import tasks
from stripe_flows import testing

PUBLIC = {name: getattr(stripe_flows, name) for name in stripe_flows.__all__}
PLAY = {name: getattr(testing, name) for name in testing.__all__}
CLASSES = {name: kind for name, kind in PUBLIC.items() if inspect.isclass(kind)}
OURS = {name: kind for name, kind in CLASSES.items() if kind.__module__.startswith("stripe_flows.")}
RECORDS = {
    name: kind
    for name, kind in OURS.items()
    if is_dataclass(kind) or issubclass(kind, BaseModel) or kind is stripe_flows.Run
}
FUNCTIONS = [
    *((name, value) for name, value in (PUBLIC | PLAY).items() if inspect.isfunction(value)),
    *(
        (f"{name}.{method}", getattr(value, "fget", None) or getattr(value, "func", value))
        for name, kind in OURS.items()
        for base in kind.__mro__
        if base.__module__.startswith("stripe_flows.")
        for method, value in vars(base).items()
        if not method.startswith("_")
        and (inspect.isfunction(value) or hasattr(value, "fget") or hasattr(value, "func"))
    ),
]


def test_both_packages_have_the_same_objects() -> None:
    assert set(stripe_flows.__all__) == {*tasks.__all__, "__version__"}
    for name in tasks.__all__:
        assert getattr(tasks, name) is PUBLIC[name], name


@pytest.mark.parametrize(("name", "function"), FUNCTIONS)
def test_what_a_public_function_returns_can_be_imported(
    name: str, function: Callable[..., Any]
) -> None:
    annotation = inspect.get_annotations(function)["return"]
    private = sorted(_private(annotation, function.__module__))
    assert not private, f"{name}() returns {annotation}: add {private} to stripe_flows.__all__"


@pytest.mark.parametrize(("name", "kind"), RECORDS.items())
def test_the_types_of_a_public_records_fields_can_be_imported(name: str, kind: type) -> None:
    for field, annotation, module, _ in _fields(kind):
        private = sorted(_private(annotation, module))
        assert not private, f"{name}.{field}: add {private} to stripe_flows.__all__"


@pytest.mark.parametrize(("name", "kind"), RECORDS.items())
def test_every_field_of_a_public_record_has_its_own_documentation(name: str, kind: type) -> None:
    bare = [field for field, _, _, documented in _fields(kind) if not documented]
    assert not bare, f"fields of {name} without a line of documentation: {bare}"


@pytest.mark.parametrize(("name", "function"), FUNCTIONS)
def test_every_public_function_is_documented(name: str, function: Callable[..., Any]) -> None:
    assert inspect.getdoc(function), name


def _private(annotation: str, module: str) -> set[str]:
    """Return the names in an annotation that are ours and not public.

    An alias of ours has the module of what it stands for, so a foreign name must be its own.
    """
    known = vars(sys.modules[module])
    names = {node.id for node in ast.walk(ast.parse(annotation)) if isinstance(node, ast.Name)}
    return {name for name in names - PUBLIC.keys() if not _is_foreign(name, known.get(name))}


def _is_foreign(name: str, value: object) -> bool:
    if hasattr(builtins, name):
        return True
    module = getattr(value, "__module__", "")
    own = getattr(value, "__name__", None) or getattr(value, "_name", None)
    return name == own and not module.startswith("stripe_flows")


def _fields(kind: type) -> Iterator[tuple[str, str, str, bool]]:
    """Yield each public field: its name, its annotation, its module, whether it is documented."""
    for base in kind.__mro__:
        if not base.__module__.startswith("stripe_flows."):
            continue
        body = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
        assert isinstance(body, ast.ClassDef)
        for node, following in zip(body.body, [*body.body[1:], None], strict=True):
            if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
                continue
            documented = (
                isinstance(following, ast.Expr)
                and isinstance(following.value, ast.Constant)
                and isinstance(following.value.value, str)
            )
            if not node.target.id.startswith("_"):
                yield node.target.id, ast.unparse(node.annotation), base.__module__, documented
