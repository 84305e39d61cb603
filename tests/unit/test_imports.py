"""Imports run one way, and the engine does no I/O: read from the sources, so that it stays so."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# The floors, from the top. Each may import itself and what stands after it; a module belongs to the
# longest name that fits.
FLOORS = (
    ("cli",),
    ("local",),
    ("dashboard",),
    ("tasks", "tasks.api"),
    ("tasks.celery_tasks",),
    ("tasks.worker", "tasks.run_flow", "tasks.send_request"),
    ("tasks.object_claim",),
    ("tasks.callbacks", "tasks.defer_stuck", "tasks.worker.revoked", "tasks.worker.request"),
    ("tasks.alerts", "tasks.call_attempt"),
    ("tasks.worker.services",),
    ("tasks.services",),
    ("tasks.worker.malformed",),
    ("tasks.app", "tasks.publisher", "tasks.http", "tasks.worker.unbuffered_events"),
    ("tasks.journal",),
    ("tasks.log",),
    ("tasks.input_digests",),
    (
        "tasks.hint",
        "tasks.item",
        "tasks.events",
        "tasks.http.secrets",
        "tasks.version",
        "tasks.attempt_end",
    ),
    ("tasks.unknown_settings",),
    ("tasks.settings", "tasks.sealing", "tasks.printable", "tasks.extras", "tasks.private_file"),
    ("tasks.service_urls",),
    ("tasks.compression",),
    ("engine.execution", "engine.check"),
    ("engine.diagnose",),
    ("engine.sandbox",),
    ("engine.stripe", "engine"),
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


def imports(name: str, tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Each import of the module `name`: what it imports, by its full name, and where."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            near = f"stripe_flows.{_package(name)}." if node.level else ""
            yield near + (node.module or ""), node
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node


def floor(name: str) -> int | None:
    best: tuple[int, int] | None = None
    for index, names in enumerate(FLOORS):
        for known in names:
            fits = name == known or name.startswith(f"{known}.")
            if fits and (best is None or len(known) > best[0]):
                best = (len(known), index)
    return best[1] if best else None


FOLDERS = ["engine", "tasks", "dashboard", "local", "cli"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_imports_run_one_way(folder: str) -> None:
    wrong = []
    for name, tree in modules(folder):
        own = floor(name)
        assert own is not None, f"{name} is on no floor; add it to FLOORS"
        for target, node in imports(name, tree):
            if not target.startswith("stripe_flows."):
                continue
            other = floor(target.removeprefix("stripe_flows."))
            if other is not None and other < own:
                wrong.append(f"{name}:{node.lineno} imports {target}")
    assert not wrong


def test_the_engine_imports_nothing_that_does_io() -> None:
    wrong = [
        f"{name}:{node.lineno} imports {target}"
        for name, tree in modules("engine")
        for target, node in imports(name, tree)
        if target.removeprefix("stripe_flows.").split(".")[0] in FORBIDDEN_IN_ENGINE
    ]
    assert not wrong


@pytest.mark.parametrize("folder", [*FOLDERS, "simulator"])
def test_near_imports_are_relative_and_far_ones_absolute(folder: str) -> None:
    wrong = []
    for name, tree in modules(folder):
        package = f"stripe_flows.{_package(name)}"
        top = set(map(id, tree.body))
        for block in tree.body:
            if isinstance(block, ast.If):  # TYPE_CHECKING, sys.platform
                top |= set(map(id, block.body))
        for target, node in imports(name, tree):
            place = f"{name}:{node.lineno} imports"
            level = node.level if isinstance(node, ast.ImportFrom) else 0
            if level > 1:
                wrong.append(f"{place} with {level} dots, out of its folder")
            # Of `tasks` itself only absolute imports make one module of what is found by two names.
            beside = target.rpartition(".")[0] == package and not _is_folder(target)
            if not level and beside and name != "tasks":
                wrong.append(f"{place} {target}, which stands beside it: write it relative")
            if level and name == "tasks":
                wrong.append(f"{place} {target} by a dot: write it absolute")
            if id(node) not in top:
                wrong.append(f"{place} {target} inside a function")
            if not level and target.split(".")[0] in {*FOLDERS, "simulator"}:
                wrong.append(f"{place} {target} past the package")
    assert not wrong


def _package(name: str) -> str:
    """The folder that the module `name` stands in."""
    return name if _is_folder(name) else name.rpartition(".")[0]


def _is_folder(name: str) -> bool:
    return (ROOT / name.removeprefix("stripe_flows.").replace(".", "/")).is_dir()


@pytest.mark.parametrize("folder", ["engine", "tasks", "dashboard"])
def test_what_runs_in_production_knows_neither_the_local_stack_nor_the_simulator(
    folder: str,
) -> None:
    wrong = [
        f"{name}:{node.lineno} imports {target}"
        for name, tree in modules(folder)
        for target, node in imports(name, tree)
        if target.startswith(("stripe_flows.local", "stripe_flows.simulator", "stripe_flows.cli"))
    ]
    assert not wrong


def test_what_runs_a_script_knows_nothing_of_what_explains_and_checks_it() -> None:
    wrong = [
        f"{name}:{node.lineno} imports {target}"
        for name, tree in modules("engine/sandbox")
        for target, node in imports(name, tree)
        if target.startswith(("stripe_flows.engine.diagnose", "stripe_flows.engine.check"))
    ]
    assert not wrong


SIMULATOR = "stripe_flows.simulator"


def test_the_simulator_knows_only_the_catalog_and_nobody_below_the_top_knows_it() -> None:
    wrong = [
        f"{name}:{node.lineno} imports {target}"
        for folder in ("engine", "tasks", "simulator")
        for name, tree in modules(folder)
        for target, node in imports(name, tree)
        if not _may_import(folder, target)
    ]
    assert not wrong


def _may_import(folder: str, target: str) -> bool:
    if folder != "simulator":
        return not target.startswith(SIMULATOR)
    allowed = (
        SIMULATOR,
        *(f"stripe_flows.engine.{name}" for name in ("stripe", "types", "errors", "nearest")),
    )
    return not target.startswith("stripe_flows") or target.startswith(allowed)
