"""CONTRIBUTING.md and docs/architecture.md name what is there, and their diagrams show what is so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from stripe_flows.tasks.journal.store import STEPS
from tests.unit.test_imports import imports, modules

ROOT = Path(__file__).parents[2]
ARCHITECTURE = "docs/architecture.md"
PAGES = ["CONTRIBUTING.md", ARCHITECTURE]
FOLDERS = ("cli", "local", "dashboard", "simulator", "tasks", "engine")

FENCED = re.compile(r"^```\w*\n.*?^```$", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"\n\n|\n(?=- |\d+\. |\|)")
CODE = re.compile(r"`([^`]+)`")
PATH = re.compile(r"[\w.-]+/(?:[\w.-]+/?)*|[\w.-]+\.(?:py|lua|md|toml|txt|monty|pyi|json)")
FUNCTION = re.compile(r"(\w+)\(\)")
CLASS = re.compile(r"[A-Z]\w*[a-z]\w*")
STEP = re.compile(r"[A-Z]{4,}")
PLACEHOLDERS = ("NAME", "FOLDER", "stripe_flows.", ".venv")


def blocks(page: str) -> Iterator[tuple[str, list[str]]]:
    """Each paragraph, list item and table row of a page, with what it has in code style."""
    text = FENCED.sub("", (ROOT / page).read_text())
    for block in BLOCK.split(text):
        code = [one for one in CODE.findall(block) if not any(p in one for p in PLACEHOLDERS)]
        yield block, code


def source_of(paths: list[str]) -> str:
    """The text of files, and of the Python files in folders."""
    found = [ROOT / path for path in paths]
    files = [file for path in found for file in ([path] if path.is_file() else path.rglob("*.py"))]
    return "\n".join(file.read_text() for file in files if file.suffix in (".py", ".lua"))


@pytest.mark.parametrize("page", PAGES)
def test_every_file_and_folder_that_a_page_names_exists(page: str) -> None:
    named = [one for _, code in blocks(page) for one in code if PATH.fullmatch(one)]
    assert len(named) > 20
    assert [one for one in named if not (ROOT / one).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_function_and_class_that_a_page_names_is_in_a_file_that_it_names_beside_it(
    page: str,
) -> None:
    missing, count = [], 0
    for block, code in blocks(page):
        functions = [found[1] for one in code if (found := FUNCTION.fullmatch(one))]
        names = functions + [one for one in code if CLASS.fullmatch(one)]
        paths = [one for one in code if PATH.fullmatch(one)] or list(FOLDERS)
        source = source_of(paths)
        for name in names:
            count += 1
            if not re.search(rf"(?:def|class) {name}\b", source):
                missing.append(f"{name} in {' '.join(block.split())[:80]}")
    assert count > 2
    assert missing == []


def diagram(heading: str) -> str:
    """The diagram under a heading of the page on architecture."""
    _, _, after = (ROOT / ARCHITECTURE).read_text().partition(f"\n## {heading}\n")
    found = re.search(r"^```mermaid\n(.*?)^```$", after, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_diagram_of_states_has_the_steps_of_the_journal_that_move_an_item() -> None:
    drawn = set(STEP.findall(diagram("The states of an item")))
    elsewhere = {"ALERT"}  # about a run, not about an item
    assert drawn == {step.upper() for step in STEPS} - elsewhere


def floors() -> tuple[dict[str, str], set[tuple[str, str]]]:
    """The nodes of the diagram of floors, each with its path, and the arrows."""
    paths: dict[str, str] = {}
    arrows: set[tuple[str, str]] = set()
    for line in diagram("The floors").splitlines()[1:]:
        ends = []
        for end in line.split("-->"):
            node, _, label = end.strip().partition("[")
            path = label.strip('"[]').split(":")[0] or node
            if label or node not in paths:
                paths[node] = path
            ends.append(node)
        arrows.add((ends[0], ends[1]))
    return paths, arrows


def below(node: str, arrows: set[tuple[str, str]]) -> set[str]:
    """All nodes that arrows lead to from `node`."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        at = waiting.pop()
        further = {to for start, to in arrows if start == at} - found
        found |= further
        waiting += further
    return found


def test_the_diagram_of_floors_has_no_circle_and_shows_where_each_import_leads() -> None:
    paths, arrows = floors()
    assert [node for node in paths if node in below(node, arrows)] == []

    def node_of(module: str) -> str:
        path = module.replace(".", "/")
        fits = {
            len(found): node
            for node, known in paths.items()
            if f"{path}/".startswith(f"{(found := known.removesuffix('.py'))}/")
        }
        return fits[max(fits)]

    used, wrong = set(), []
    for folder in FOLDERS:
        for name, tree in modules(folder):
            own = node_of(name)
            for target, node in imports(name, tree):
                if not target.startswith(tuple(f"stripe_flows.{one}" for one in FOLDERS)):
                    continue
                other = node_of(target.removeprefix("stripe_flows.").rstrip("."))
                used.add((own, other))
                if other != own and other not in below(own, arrows):
                    wrong.append(f"{name}:{node.lineno} imports {target}")
    assert wrong == []
    assert arrows - used == set(), "arrows that no import follows"
