"""What the tests find is the same wherever they run, and they leave nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import clean

ROOT = Path(__file__).parents[2]

ODD = {
    "CELERY_BROKER_URL": "redis://elsewhere:1/0",
    "CLICOLOR_FORCE": "1",
    "COLUMNS": "20",
    "FORCE_COLOR": "1",
    "LANG": "C",
    "LC_ALL": "C",
    "NO_COLOR": "1",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONIOENCODING": "ascii",
    "PYTHONUTF8": "0",
    "REDIS_URL": "redis://elsewhere:1/0",
    "STRIPE_FLOWS_SEAL_KEYS": "odd",
    "STRIPE_SECRET_KEY": "sk_live_odd",
    "TERM": "dumb",
    "XDG_CACHE_HOME": "/nonexistent",
}


def test_what_is_set_outside_reaches_no_test() -> None:
    environ = ODD | {"PATH": "/bin", "HOME": "/h", "TMPDIR": "/t", "PYTHONPATH": "/p"}
    clean(environ)
    assert environ == {
        "PATH": "/bin",
        "HOME": "/h",
        "TMPDIR": "/t",
        "PYTHONPATH": "/p",
        "LC_ALL": "C.UTF-8",
        "PYTHONUTF8": "1",
        "TERM": "xterm-256color",
        "TZ": "UTC",
    }


@pytest.mark.parametrize("home", [None, "/nonexistent"])
def test_tests_that_pass_leave_nothing_in_tmpdir(tmp_path: Path, home: str | None) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__]
    environ = os.environ | ODD | {"TMPDIR": str(temporary)}
    environ.pop("HOME", None)
    if home is not None:
        environ["HOME"] = home
    done = subprocess.run(
        [*command, "-k", "find_the_same"],
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert list(temporary.iterdir()) == []


def test_a_test_and_its_child_process_find_the_same_language(tmp_path: Path) -> None:
    file = tmp_path / "text"
    file.write_text("…")
    assert file.read_bytes() == "…".encode()
    child = r"import sys; print('\u2026', sys.stdout.encoding)"
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, check=True)
    assert done.stdout.decode() == "… utf-8\n"
    assert not ODD.items() & os.environ.items()
