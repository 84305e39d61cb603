"""A port that is in use is one clear line, which names it and how to choose another."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "stripe_flows.cli"]


@pytest.fixture
def port() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        yield busy.getsockname()[1]


def said(folder: Path, *command: str) -> str:
    done = subprocess.run(
        command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    return done.stderr


def test_dev_names_the_port_and_the_option(tmp_path: Path, port: int) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "main.py").write_text("print(1)\n")
    error = said(tmp_path, *COMMAND, "dev", "--flower-port", str(port))
    assert error == f"error: port {port} of 127.0.0.1 is in use; choose another --flower-port\n"


@pytest.mark.parametrize("command", ["stripe-flows", "celery"])
def test_flower_names_the_port_and_the_option(tmp_path: Path, port: int, command: str) -> None:
    program = COMMAND
    if command == "celery":  # with our settings, as in a checkout
        config = Path(__file__).parents[2] / "flowerconfig.py"
        (tmp_path / "flowerconfig.py").write_text(config.read_text(encoding="utf-8"))
        program = [sys.executable, "-m", "celery", "-A", "stripe_flows"]
    error = said(tmp_path, *program, "flower", f"--port={port}")
    assert error == (
        f"error: Flower cannot listen on 127.0.0.1:{port}: Address already in use; "
        "choose another --port\n"
    )
