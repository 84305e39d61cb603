"""`stripe-flows init`: a first flows folder, and what to do with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stripe_flows.cli import init as command
from stripe_flows.cli.example_flows import RUN_WELCOME, WELCOME
from stripe_flows.testing import play
from tests.runner import run_cli

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, in which the command runs."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_makes_flows_that_play_and_that_the_check_accepts(folder: Path) -> None:
    assert run_cli(["init"]).exit_code == 0
    answers = [{"id": "cus_1"}, {"id": "pi_1", "status": "requires_payment_method"}]
    played = play("welcome", params={"email": "jenny@example.com"}, answers=answers)
    assert played.output.splitlines()[-1] == "pi_1 is requires_payment_method"
    checked = run_cli(["check"])
    assert (checked.exit_code, checked.stdout) == (0, ""), checked.stdout
    assert run_cli(["stubs", "--check"]).exit_code == 0


def test_it_says_what_to_do_next_in_commands_that_work_as_pasted() -> None:
    said = run_cli(["init"]).stderr
    assert "flows/welcome.py: made\n" in said
    assert said.endswith(
        "next:\n"
        "  stripe-flows check\n"
        "  stripe-flows dev\n"
        "and while that runs, in another terminal in this folder:\n"
        f"  {RUN_WELCOME}\n"
    )


def test_another_folder_is_named_in_those_commands() -> None:
    said = run_cli(["init", "--flows", "our flows"]).stderr
    assert "  stripe-flows check --flows 'our flows'\n" in said
    assert "  stripe-flows dev --flows 'our flows'\n" in said


def test_where_the_stack_is_not_installed_that_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "installed", lambda extra: extra != "local")
    said = run_cli(["init"]).stderr
    assert "next:\n  pip install 'stripe-flows[local]'\n  stripe-flows check\n" in said


@pytest.mark.parametrize("there", ["main.py", "welcome.py", "not a flow.py"])
def test_a_folder_that_has_flows_is_left_as_it_is(folder: Path, there: str) -> None:
    (folder / "flows").mkdir()
    (folder / "flows" / there).write_text("mine\n")
    done = run_cli(["init"])
    assert done.exit_code == 2
    assert done.stderr == "error: there are flows in flows already; nothing was written\n"
    assert [path.name for path in (folder / "flows").iterdir()] == [there]
    assert (folder / "flows" / there).read_text() == "mine\n"


def test_a_folder_that_cannot_be_written_is_one_line(folder: Path) -> None:
    (folder / "flows").write_text("a file")
    done = run_cli(["init"])
    assert done.exit_code == 2
    assert done.stderr == "error: flows: File exists\n"


def test_the_example_is_the_readmes() -> None:
    readme = (ROOT / "README.md").read_text()
    blocks = dict(re.findall(r"```python\n(# flows/(?:\w+)\.py\n.*?)()```", readme, re.DOTALL))
    assert set(WELCOME.values()) <= blocks.keys()
