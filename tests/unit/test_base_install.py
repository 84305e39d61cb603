"""Without extras a process starts and follows runs; what needs more names the extra that brings it.

The child processes here find none of the extras' modules, as where only the base is installed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from stripe_flows.tasks.extras import _MODULES

ROOT = Path(__file__).parents[2]

WITHOUT = f"""
import importlib.machinery
class Finder(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name.partition(".")[0] in {sorted(set(sum(_MODULES.values(), ())))}:
            return None
        return super().find_spec(name, path, target)
import sys
sys.meta_path[sys.meta_path.index(importlib.machinery.PathFinder)] = Finder
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A folder in which Python finds the base alone."""
    (tmp_path / "sitecustomize.py").write_text(WITHOUT)
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "main.py").write_text("print(1)\n")
    return tmp_path


def python(base: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *args],
        cwd=base,
        env=os.environ | {"PYTHONPATH": f"{base}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_package_its_errors_and_its_command_line_are_imported(base: Path) -> None:
    modules = "stripe_flows, stripe_flows.errors, stripe_flows.cli.main"
    done = python(base, "-c", f"import {modules}; print(stripe_flows.start_flow.__name__)")
    assert (done.returncode, done.stdout) == (0, "start_flow\n"), done.stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("worker", "default"), "running a worker needs: pip install 'stripe-flows[worker]'"),
        (("flower",), "the dashboard needs: pip install 'stripe-flows[flower]'"),
        (("dev", "--stripe"), "`stripe-flows dev` needs: pip install 'stripe-flows[local]'"),
        (("check", "main"), "`stripe-flows check` needs: pip install 'stripe-flows[worker]'"),
    ],
)
def test_a_command_that_needs_more_names_the_extra(
    base: Path, command: tuple[str, ...], said: str
) -> None:
    done = python(base, "-m", "stripe_flows.cli", *command)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {said}\n")


@pytest.mark.parametrize("command", ["dev", "simulator", "check", "worker", "flower"])
def test_help_is_there_for_a_command_that_needs_more(base: Path, command: str) -> None:
    done = python(base, "-m", "stripe_flows.cli", command, "-h")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Usage: stripe-flows {command} ")


def test_celerys_own_command_for_a_worker_names_the_extra(base: Path) -> None:
    done = python(base, "-m", "celery", "-A", "stripe_flows", "worker")
    assert done.returncode == 78
    assert done.stderr == "error: running a worker needs: pip install 'stripe-flows[worker]'\n"


def test_playing_a_flow_names_the_extra(base: Path) -> None:
    done = python(base, "-c", "from stripe_flows.testing import play")
    assert done.stderr.splitlines()[-1].endswith(
        "playing a flow needs: pip install 'stripe-flows[worker]'"
    )


def test_the_other_commands_are_there(base: Path) -> None:
    for command in (("stubs",), ("operations", "refund"), ("keys", "new"), ("--help",)):
        done = python(base, "-m", "stripe_flows.cli", *command)
        assert done.returncode == 0, done.stderr
    assert "check" in done.stdout


def test_the_extras_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["optional-dependencies"].keys() == _MODULES.keys() | {"dev"}
