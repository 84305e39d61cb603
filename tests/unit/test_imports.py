"""Imports run one way, and the engine does no I/O: read from the sources, so that it stays so."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Each layer may import itself and what stands after it.
LAYERS = (
    ("tasks.cli",),
    ("tasks", "tasks.runs", "tasks.decisions", "tasks.timeline"),
    ("tasks.money",),
    ("tasks.celery_tasks", "tasks.run"),
    ("tasks.worker", "tasks.consumer", "tasks.sweeper", "tasks.run_flow", "tasks.send_request"),
    ("tasks.claims",),
    ("tasks.callbacks", "tasks.stuck", "tasks.revoked", "tasks.request"),
    ("tasks.waiting", "tasks.steps"),
    ("tasks.alerts",),
    ("tasks.worker_parts",),
    ("tasks.parts",),
    ("tasks.malformed",),
    ("tasks.app", "tasks.hints", "tasks.client", "tasks.connections", "tasks.whole_events"),
    ("tasks.journal",),
    ("tasks.log",),
    ("tasks.started_as",),
    ("tasks.items", "tasks.events", "tasks.inputs", "tasks.secrets", "tasks.version", "tasks.ends"),
    ("tasks.variables",),
    ("tasks.settings", "tasks.sealing", "tasks.printable", "tasks.extras"),
    ("tasks.packing",),
    ("engine",),
)
FORBIDDEN_IN_ENGINE = {
    "celery",
    "kombu",
    "redis",
    "requests",
    "urllib3",
    "tasks",
    "local",
    "simulator",
}


def modules(folder: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield name, ast.parse(path.read_text())


def imports(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or "", node
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node


def layer(name: str) -> int | None:
    best: tuple[int, int] | None = None
    for index, names in enumerate(LAYERS):
        for known in names:
            fits = name == known or name.startswith(known + ("_" if known == "tasks.cli" else "."))
            if fits and (best is None or len(known) > best[0]):
                best = (len(known), index)
    return best[1] if best else None


@pytest.mark.parametrize("folder", ["engine", "tasks"])
def test_imports_run_one_way(folder: str) -> None:
    wrong = []
    for name, tree in modules(folder):
        own = layer(name)
        assert own is not None, f"{name} is in no layer; add it to LAYERS"
        for target, node in imports(tree):
            if not target.startswith("stripe_flows."):
                continue
            other = layer(target.removeprefix("stripe_flows."))
            if other is not None and other < own:
                wrong.append(f"{name}:{node.lineno} imports {target}")
    assert not wrong


def test_the_engine_imports_nothing_that_does_io() -> None:
    wrong = [
        f"{name}:{node.lineno} imports {target}"
        for name, tree in modules("engine")
        for target, node in imports(tree)
        if target.removeprefix("stripe_flows.").split(".")[0] in FORBIDDEN_IN_ENGINE
    ]
    assert not wrong


@pytest.mark.parametrize("folder", ["engine", "tasks", "local"])
def test_imports_are_absolute_and_at_the_top(folder: str) -> None:
    wrong = []
    for name, tree in modules(folder):
        top = set(map(id, tree.body))
        for block in tree.body:
            if isinstance(block, ast.If):  # TYPE_CHECKING, sys.platform
                top |= set(map(id, block.body))
        for target, node in imports(tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                wrong.append(f"{name}:{node.lineno} imports {'.' * node.level}{target}")
            if id(node) not in top:
                wrong.append(f"{name}:{node.lineno} imports {target} inside a function")
            if target.split(".")[0] in {"tasks", "engine", "local"}:
                wrong.append(f"{name}:{node.lineno} imports {target} past the package")
    assert not wrong


SIMULATOR = "stripe_flows.simulator"


def test_the_simulator_knows_only_the_catalog_and_nobody_below_the_top_knows_it() -> None:
    wrong = [
        f"{name}:{node.lineno} imports {target}"
        for folder in ("engine", "tasks", "simulator")
        for name, tree in modules(folder)
        for target, node in imports(tree)
        if not _may_import(folder, target)
    ]
    assert not wrong


def _may_import(folder: str, target: str) -> bool:
    if folder != "simulator":
        return not target.startswith(SIMULATOR)
    allowed = (
        SIMULATOR,
        *(f"stripe_flows.engine.{name}" for name in ("stripe", "types", "errors")),
    )
    return not target.startswith("stripe_flows") or target.startswith(allowed)
