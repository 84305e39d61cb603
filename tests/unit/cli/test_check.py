"""`stripe-flows check`: what it prints and how it ends, without Redis and without settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result

from tests.runner import run_cli

CALL = "new_customer().email('a@example.com').create_async()\n"


def check(*args: str, **env: str) -> Result:
    return run_cli(["check", *args], env=env)


@pytest.fixture
def flows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `flows` in the current one, with a good flow and a note."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STRIPE_FLOWS_FLOWS_DIR", raising=False)
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "main.py").write_text(CALL)
    return folder


def test_notes_are_printed_and_do_not_fail(flows: Path) -> None:
    done = check()
    assert done.exit_code == 0
    assert done.stdout.startswith("flows/main.py:1:39: note: no flow continues a response")
    assert done.stderr == "1 flow, 0 mistakes\n"


def test_a_mistake_is_a_line_and_ends_with_one(flows: Path) -> None:
    (flows / "new_create_customer_response.py").write_text("x = 1\nprint(y)\n")
    done = check()
    assert done.exit_code == 1
    expected = "flows/new_create_customer_response.py:2:7: 'y' is not defined\n"
    assert done.stdout == expected
    assert done.stderr == "2 flows, 1 mistake\n"


def test_only_the_named_flows_are_told_of_and_all_are_known(flows: Path) -> None:
    (flows / "new_create_customer_response.py").write_text("print(y)\n")
    done = check("main")
    assert (done.exit_code, done.stdout) == (0, "")


def test_a_flow_that_is_not_there_names_the_nearest(flows: Path) -> None:
    done = check("mian")
    assert done.exit_code == 2
    assert "no flow 'mian' in flows; did you mean 'main'?" in done.stderr


@pytest.mark.parametrize("by", ["option", "environment"])
def test_the_folder_may_be_another(flows: Path, by: str) -> None:
    flows.rename("others")
    (Path("others") / "main.py").write_text("nope(\n")
    done = check("--flows", "others") if by == "option" else check(STRIPE_FLOWS_FLOWS_DIR="others")
    assert done.exit_code == 1
    assert done.stdout.startswith("others/main.py:1:5: cannot be read: ")


def test_a_folder_that_is_not_there_is_one_line(flows: Path) -> None:
    done = check("--flows", "nowhere")
    assert done.exit_code == 2
    assert done.stderr == (
        "error: there is no flows folder nowhere; `stripe-flows init --flows nowhere` makes one\n"
    )


def test_a_file_that_is_no_flow_is_told_and_hides_no_other(flows: Path) -> None:
    (flows / "latin.py").write_bytes(b'x = "\xe9"')
    (flows / "two words.py").write_text("")
    (flows / "big.py").write_text(" " * 70_000)
    (flows / "away.py").symlink_to("/nowhere")
    (flows / "wrong.py").write_text("nope\n")
    done = check()
    assert done.exit_code == 1
    mistakes = [line for line in done.stdout.splitlines() if "note:" not in line]
    assert [line.partition(": ")[0] for line in mistakes] == [
        "flows/away.py:1:1",
        "flows/big.py:1:1",
        "flows/latin.py:1:1",
        "flows/two words.py:1:1",
        "flows/wrong.py:1:1",
    ]
    assert mistakes[2] == "flows/latin.py:1:1: it is not UTF-8"
    assert done.stderr == "6 flows, 5 mistakes\n"
    assert check("main").exit_code == 0
    assert check("latin").stdout == "flows/latin.py:1:1: it is not UTF-8\n"


def test_a_flow_that_leads_to_a_bad_file_is_right_itself(flows: Path) -> None:
    (flows / "main.py").write_text(CALL.replace("()\n", "(then='after')\n"))
    (flows / "after_response.py").write_bytes(b"\xff")
    (flows / "new_create_refund_response.py").write_text("")  # a bad flow may lead there
    done = check()
    assert done.stdout == "flows/after_response.py:1:1: it is not UTF-8\n"
    assert done.exit_code == 1


def test_a_flow_may_be_named_by_its_file_and_twice(flows: Path) -> None:
    (flows / "wrong.py").write_text("nope\n")
    done = check("flows/wrong.py", str(flows / "wrong.py"), "wrong")
    assert done.stdout == "flows/wrong.py:1:1: 'nope' is not defined\n"
    assert done.stderr == "1 flow, 1 mistake\n"
