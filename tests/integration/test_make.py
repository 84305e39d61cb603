"""The Makefile says what it does while it makes the virtual environment, and only then.

Python is a stand-in that makes an empty environment: what is tested is what a person sees.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PYTHON = """#!/bin/sh
case "$1 $2" in
  "--version ") echo "Python 3.12.1" ;;
  "-m venv") mkdir -p "$3/bin"
    for name in python pip pytest; do
      printf '#!/bin/sh\\n' > "$3/bin/$name"; chmod +x "$3/bin/$name"
    done ;;
esac
"""

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / "python"
    python.write_text(PYTHON)
    python.chmod(0o755)
    return tmp_path


def run_make(checkout: Path, target: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", target, f"PYTHON={checkout / 'python'}"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )


def make(checkout: Path, target: str) -> list[str]:
    done = run_make(checkout, target)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_first_demo_says_what_is_made_and_installed_and_the_next_one_nothing(
    checkout: Path,
) -> None:
    made, installed = make(checkout, "demo")
    assert made == "making a virtual environment in .venv, with Python 3.12.1 ..."
    assert installed.startswith("installing stripe-flows and what it needs on one machine")
    assert make(checkout, "demo") == []


def test_the_tests_say_how_many_packages_are_installed(checkout: Path) -> None:
    _, installed, *_ = make(checkout, "unit")
    pins = [
        line for line in (checkout / "constraints.txt").read_text().splitlines() if "==" in line
    ]
    assert f": {len(pins)} packages" in installed
    (command,) = make(checkout, "unit")
    assert command.startswith(".venv/bin/pytest -q -n auto ")
    assert command.endswith(" tests/unit")


def test_the_stages_of_the_tests_are_run_by_the_tool_that_shows_their_times(checkout: Path) -> None:
    make(checkout, "unit")
    (line,) = make(checkout, "test")
    program, tool, _, *stages = line.split()
    assert (program, tool) == (".venv/bin/python", "tools/run_stages.py")
    assert stages == ["lint", "types", "unit", "model", "integration", "acceptance"]


@pytest.mark.parametrize(
    ("name", "found"),
    [("engine", "tests/unit/engine"), ("journal", "tests/integration/test_journal_begin.py")],
)
def test_the_tests_of_one_folder_are_run(checkout: Path, name: str, found: str) -> None:
    (checkout / "tests").symlink_to(ROOT / "tests")
    make(checkout, "unit")
    done = run_make(checkout, f"test-{name}")
    assert done.returncode == 0
    assert found in done.stderr.split()


def test_a_folder_without_tests_is_named(checkout: Path) -> None:
    (checkout / "tests").symlink_to(ROOT / "tests")
    make(checkout, "unit")
    done = run_make(checkout, "test-enigne")
    assert done.returncode != 0
    assert "there is no folder enigne in tests/unit" in done.stdout
