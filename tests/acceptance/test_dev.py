"""`stripe-flows dev`: the whole local stack in one command."""

from __future__ import annotations

import os
import re
import select
import shlex
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from stripe_flows.cli.example_flows import RUN_WELCOME
from stripe_flows.local.environment import clean_environment
from tests.acceptance.conftest import FLOWS
from tests.acceptance.waiting import processes_about, wait_for

COMMAND = [sys.executable, "-m", "stripe_flows.cli"]
PAID = ("--params", '{"customer": "cus_customer123"}', "--worker-id", "worker-1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A developer's folder: flows of their own."""
    flows = tmp_path / "flows"
    flows.mkdir()
    for flow in FLOWS.glob("*.py"):
        (flows / flow.name).write_text(flow.read_text())
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    return clean_environment(os.environ) | {"PWD": str(folder)}


PROGRAM = (
    'from stripe_flows import start_flow; run = start_flow("main", params={"customer": "c"}); '
    "print(run.wait(timeout=20))"
)


def stripe_flows(folder: Path, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *args],
        cwd=folder,
        env=environment(folder) | env,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


class Dev:
    """A running `stripe-flows dev`."""

    def __init__(self, folder: Path, *args: str) -> None:
        self.folder = folder
        self._log = folder / "dev.log"
        with self._log.open("wb") as output:
            self.process = subprocess.Popen(
                [*COMMAND, "dev", *args],
                cwd=folder,
                env=environment(folder),
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def shown(self) -> str:
        return self._log.read_text()

    def wait_for(self, pattern: str) -> re.Match[str]:
        def found() -> re.Match[str] | None:
            assert self.process.poll() is None, self.shown
            return re.search(pattern, self.shown)

        return wait_for(found, 20)

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)


@contextmanager
def dev(folder: Path, *args: str) -> Iterator[Dev]:
    """A `dev` that is ready; it is gone afterwards."""
    running = Dev(folder, *args)
    try:
        running.wait_for("Ctrl-C stops everything")
        yield running
    finally:
        if running.process.poll() is None:
            running.end(signal.SIGTERM)


def test_one_command_is_all_it_takes_and_ctrl_c_ends_all(folder: Path) -> None:
    with dev(folder) as running:
        # When it has started it says what runs where,
        url, user, password = running.wait_for(
            r"flower +(http://127\.0\.0\.1:\d+)  user (\w+), password (\S+)"
        ).groups()
        assert requests.get(f"{url}/tasks", auth=(user, password), timeout=5).status_code == 200
        assert requests.get(f"{url}/tasks", timeout=5).status_code == 401
        assert "stripe-flows run main --params" in running.shown

        # a run in another terminal uses it by itself,
        done = stripe_flows(folder, "run", "main", *PAID, "--run-id", "first")
        assert done.returncode == 0, done.stderr
        assert f"using the local stack of {folder}" in done.stderr
        assert "✅ Payment Intent Created: pi_" in done.stdout
        running.wait_for(
            r"worker +\d\d:\d\d:\d\d  create_payment_intent  done in [\d.]+ s  first  \w+\.1"
        )

        # a program of one's own does so after reading the file that is named there,
        assert "\n  . .stripe-flows/env\n" in running.shown
        started = subprocess.run(
            ["sh", "-c", f". .stripe-flows/env; exec {sys.executable} -c '{PROGRAM}'"],
            cwd=folder,
            env=environment(folder),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert started.stdout == "succeeded\n", started.stderr
        assert (folder / ".stripe-flows" / ".gitignore").read_text() == "*\n"

        # a refusal is told with its reason, and no customer's data or output is in the stream,
        assert stripe_flows(folder, "run", "declined").returncode == 0
        running.wait_for(r"create_payment_intent  refused: card_error code=card_declined")
        assert "Request dispatched" not in running.shown

        # a changed flow is used from the next run on,
        (folder / "flows" / "main.py").write_text("print('changed')\n")
        changed = stripe_flows(folder, "run", "main", *PAID)
        assert changed.stdout == "changed\n", changed.stderr

        # and a second one in the folder is refused.
        second = stripe_flows(folder, "dev")
        assert second.returncode == 2
        assert "already" in second.stderr
        assert second.stderr.count("\n") == 1

        kept = [folder / ".stripe-flows" / name for name in ("env.json", "env")]
        assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
        assert running.end(signal.SIGINT) == 0
        assert processes_about(folder) == []
        assert not any(path.exists() for path in kept)

    # Then the next start knows what was.
    with dev(folder, "--no-flower") as running:
        assert "succeeded" in stripe_flows(folder, "show", "first").stdout
        assert running.end(signal.SIGTERM) == 0
    assert processes_about(folder) == []
    assert "flower" not in running.shown


def test_a_process_that_ends_by_itself_is_told_loudly_and_ends_all(folder: Path) -> None:
    with dev(folder, "--no-flower") as running:
        (worker,) = [line for line in processes_about(folder) if "celery" in line]
        os.kill(int(worker.split()[0]), signal.SIGKILL)
        assert running.process.wait(20) == 1
    assert "error: worker ended unexpectedly, with exit code -9" in running.shown
    assert "everything is stopped" in running.shown
    assert processes_about(folder) == []


@pytest.mark.skipif(sys.platform != "linux", reason="a killed parent takes its own along on Linux")
def test_nothing_outlives_a_killed_dev(folder: Path) -> None:
    with dev(folder, "--no-flower") as running:
        running.process.kill()
        running.process.wait()
        wait_for(lambda: processes_about(folder) == [])
    done = stripe_flows(folder, "list")
    assert done.returncode == 2, "what it left is not taken for a running stack"
    assert "STRIPE_FLOWS_SEAL_KEYS" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="needs a pseudo-terminal")
def test_in_an_empty_folder_it_offers_an_example_which_then_runs(tmp_path: Path) -> None:
    mine, its = os.openpty()
    process = subprocess.Popen(
        [*COMMAND, "dev", "--no-flower"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=its,
        stdout=its,
        stderr=its,
    )
    shown = b""

    def has_shown(text: bytes) -> bool:
        nonlocal shown
        if select.select([mine], [], [], 0.0)[0]:
            shown += os.read(mine, 65536)
        return text in shown

    try:
        os.close(its)
        wait_for(lambda: has_shown(b"make an example? [Y/n]"))
        os.write(mine, b"\n")
        wait_for(lambda: has_shown(b"Ctrl-C stops everything"), 20)
        assert RUN_WELCOME.encode() in shown
        done = stripe_flows(tmp_path, *shlex.split(RUN_WELCOME)[1:])
        assert done.returncode == 0, done.stderr
        assert re.search(r"^pi_\w+ is requires_payment_method$", done.stdout, re.MULTILINE)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        os.close(mine)
    assert processes_about(tmp_path) == []


def test_wrong_input_is_one_clear_error(tmp_path: Path, folder: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    without_flows = stripe_flows(elsewhere, "dev")
    assert without_flows.returncode == 2
    assert without_flows.stderr == (
        "error: there is no flows folder flows; `stripe-flows init` makes one\n"
    )

    wrong_id = stripe_flows(folder, "dev", "--worker-id", "eu,us")
    assert wrong_id.returncode == 2
    assert wrong_id.stderr.startswith("error: worker_id 'eu,us'")


@pytest.mark.parametrize("key", ["", "sk_live_planted"])
def test_stripe_itself_is_talked_to_with_a_test_key_only(folder: Path, key: str) -> None:
    done = stripe_flows(folder, "dev", "--stripe", STRIPE_SECRET_KEY=key)
    assert done.returncode == 2
    assert done.stderr.startswith("error: --stripe needs a test key")
    assert "planted" not in done.stderr
    assert processes_about(folder) == []
