"""Every mutant of `tools/mutants.py` still fits the source that it changes."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parents[2]


def _mutants() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutants", ROOT / "tools/mutants.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutants"] = module  # its dataclass looks its module up
    spec.loader.exec_module(module)
    return module


def test_the_text_of_every_mutant_occurs_exactly_once_in_its_file() -> None:
    wrong = {
        f"{mutant.promise} ({mutant.file})": count
        for mutant in _mutants().MUTANTS
        if (count := (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old)) != 1
    }
    assert wrong == {}


def test_the_tests_that_a_mutant_names_exist() -> None:
    missing = [
        word
        for mutant in _mutants().MUTANTS
        for word in mutant.tests.split()
        if word.startswith("tests/") and not (ROOT / word).exists()
    ]
    assert missing == []
