"""The command line on odd streams: closed ones, a language without UTF-8, a dumb terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "stripe_flows.cli"]

ASCII = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C", "LANG": "C", "TERM": "dumb"}
"""A shell whose language knows no UTF-8; Python 3.11 takes UTF-8 for it, unless it is told not to."""


def environ(**added: str) -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k != "PYTHONUTF8"} | added


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "main.py").write_text("new_customer().naïve('…')\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("odd", "shown"),
    [
        (ASCII, b"no flow 'na\\xefve...' in flows"),
        ({"PYTHONIOENCODING": "ascii"}, b"no flow 'na\\xefve...' in flows"),
        ({"PYTHONIOENCODING": "latin-1"}, b"no flow 'na\xefve...' in flows"),
    ],
)
def test_a_language_without_utf_8_gets_what_it_can_show(
    folder: Path, odd: dict[str, str], shown: bytes
) -> None:
    code = (
        "import sys; from stripe_flows.cli.main import main; "
        r"sys.argv[1:] = ['check', 'na\xefve\u2026']; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environ(**odd),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"error: " + shown + b"\n"


def test_a_json_document_is_utf_8_in_every_language(folder: Path) -> None:
    command = [*COMMAND, "operations", "create_customer", "--json"]
    done = subprocess.run(
        command, cwd=folder, env=environ(**ASCII), capture_output=True, check=True
    )
    assert json.loads(done.stdout.decode())


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_mistake(folder: Path, closed: str) -> None:
    shell = f'"$@" {closed}; echo $? > code'
    for args, code in ((("check",), "1"), (("check", "no"), "2")):
        subprocess.run(["sh", "-c", shell, "sh", *COMMAND, *args], cwd=folder, check=True)
        assert (folder / "code").read_text().strip() == code, args


@pytest.mark.skipif(sys.platform != "linux", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("odd", [{"TERM": "dumb"}, {"COLUMNS": "20"}, {"NO_COLOR": "1"}])
def test_a_table_is_not_cut_on_an_odd_terminal(folder: Path, odd: dict[str, str]) -> None:
    mine, its = pty.openpty()
    command = [*COMMAND, "operations", "quote"]
    subprocess.run(command, cwd=folder, env=environ(**odd), stdout=its, check=True)
    os.close(its)
    shown = os.read(mine, 65536).decode()
    os.close(mine)
    assert "GET /v1/quotes/{quote}/pdf (not reached: multipart or binary, on another host)" in shown
