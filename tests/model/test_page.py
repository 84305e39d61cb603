"""docs/journal.md has a row for every mutant of the model, and names every step of the journal."""

from __future__ import annotations

import re
from pathlib import Path

from tests.model.rules import Mutant

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/journal.md").read_text(encoding="utf-8")


def _cells(heading: str) -> list[list[str]]:
    """Return the cells of each row of the tables below a heading of the second level."""
    text = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_every_mutant_stands_beside_its_rule() -> None:
    rows = _cells("The rules, and what happens without each")
    named = [row[1] for row in rows if row[1] not in ("mutant", "---")]
    assert sorted(named) == sorted(mutant.value for mutant in Mutant)


def test_every_step_of_the_journal_has_a_row() -> None:
    steps = {script.stem.upper() for script in (ROOT / "tasks/journal").glob("*.lua")} - {"LIB"}
    rows = {row[0] for row in _cells("The steps")}
    assert rows - {"step", "---"} == steps


def test_the_states_of_the_diagram_are_left_by_steps_of_the_journal() -> None:
    diagram = PAGE.partition("```mermaid")[2].partition("```")[0]
    named = set(re.findall(r"\b[A-Z]{4,}\b", diagram))
    steps = {script.stem.upper() for script in (ROOT / "tasks/journal").glob("*.lua")}
    assert named <= steps
