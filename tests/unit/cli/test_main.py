"""The command line, as far as it goes without a journal: input, errors, what becomes of a process."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest
from click.testing import Result
from cryptography.fernet import Fernet

from stripe_flows.cli import show as command
from stripe_flows.cli.main import local_environment
from stripe_flows.engine.errors import JournalUnavailable, RunNotFound, StripeFlowsError
from stripe_flows.local.stack_folder import AlreadyRuns, announce, claim, running_environment
from stripe_flows.tasks.version import VERSION
from tests.runner import run_cli

KEY = "sk_test_planted"


def stripe_flows(*args: str, given: str | None = None) -> Result:
    return run_cli(args, given=given)


def test_version() -> None:
    assert stripe_flows("--version").stdout == f"stripe-flows {VERSION}\n"


def test_keys_new_makes_a_seal_key_each_time() -> None:
    first, second = (stripe_flows("keys", "new").stdout.strip() for _ in range(2))
    assert Fernet(first)
    assert first != second


@pytest.mark.parametrize(
    ("error", "code"),
    [(RunNotFound("there is no run 'x'"), 2), (JournalUnavailable("the journal is away"), 5)],
)
def test_what_stripe_flows_can_explain_is_one_line_and_an_exit_code(
    monkeypatch: pytest.MonkeyPatch, error: StripeFlowsError, code: int
) -> None:
    def fails(_run_id: str) -> None:
        raise error

    monkeypatch.setattr(command, "named_runs", fails)
    result = stripe_flows("show", "x")
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", f"error: {error}\n")


def test_an_error_of_many_lines_is_one_line_without_keys_or_control_characters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(_run_id: str) -> None:
        raise RunNotFound(f"one\ntwo \x1b[31m {KEY}")

    monkeypatch.setattr(command, "named_runs", fails)
    assert stripe_flows("show", "x").stderr == "error: one two \\x1b[31m sk_test_***\n"


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ("{", "--params is not JSON: Expecting property name"),
        ("[1]", "--params is a JSON list, not an object"),
        ("1", "--params is a JSON number, not an object"),
        ("@nowhere.json", "--params nowhere.json: "),
    ],
)
def test_params_that_are_no_object_are_refused(params: str, error: str) -> None:
    result = stripe_flows("run", "main", "--params", params)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {error}")


def test_no_option_takes_a_key_and_the_refusal_does_not_repeat_it() -> None:
    result = stripe_flows("run", "main", "--stripe-secret", KEY)
    assert result.exit_code == 2
    assert "accepts env:NAME or - (standard input), and no key" in result.stderr
    assert KEY not in result.output


@pytest.mark.parametrize(
    "args",
    [
        ("resolve", "c", "--yes"),
        ("resolve", "c", "--response", "pi_1", "--error", "--yes"),
        ("retry", "c", "--yes"),
        ("retry", "c", "--same", "--new-key", "--yes"),
    ],
)
def test_a_decision_has_to_be_one_of_the_two(args: tuple[str, ...]) -> None:
    result = stripe_flows(*args)
    assert result.exit_code == 2
    assert "either" in result.stderr


def become(monkeypatch: pytest.MonkeyPatch, *args: str) -> list[str]:
    """The command that this one would become."""
    became: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _file, command: became.append(command))
    result = stripe_flows(*args)
    assert result.exit_code == 0, result.output
    return became[0][1:]


def test_worker_becomes_a_celery_worker_of_the_queues(monkeypatch: pytest.MonkeyPatch) -> None:
    command = become(
        monkeypatch, "worker", "eu-1", "default", "--concurrency", "4", "--pool", "solo"
    )
    assert command == [
        *("-m", "celery", "-A", "stripe_flows", "worker"),
        *("-Q", "flows.eu-1,flows.default", "-n", f"eu-1-default-{os.getpid()}@%h"),
        *("--loglevel", "info", "--concurrency", "4", "--pool", "solo"),
    ]


def test_a_worker_id_that_is_none_is_refused() -> None:
    result = stripe_flows("worker", "eu,us")
    assert result.exit_code == 2
    assert "worker_id 'eu,us'" in result.stderr


def test_flower_reads_the_packages_settings_from_any_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    command = become(monkeypatch, "flower", "--port", "5556")
    (conf,) = [part.removeprefix("--conf=") for part in command if part.startswith("--conf=")]
    assert "basic_auth" in Path(conf).read_text()
    assert command[-1] == "--port=5556"


def test_dev_passes_its_options_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert become(monkeypatch, "dev", "--no-flower") == [
        "-m",
        "stripe_flows.cli.dev_stack",
        "--no-flower",
    ]


ENV = {
    "REDIS_URL": "redis://127.0.0.1:7/0",
    "STRIPE_FLOWS_SEAL_KEYS": "k",
    "STRIPE_SECRET_KEY": KEY,
}


def test_a_command_takes_the_environment_of_the_local_stack_of_its_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    theirs = {
        "PATH": "/bin",
        "CELERY_BROKER_URL": "redis://elsewhere",
        "STRIPE_API_BASE": "https://x",
    }

    assert local_environment(["run", "main"], theirs) is None, "none runs"
    with claim(tmp_path / ".stripe-flows"):
        announce(tmp_path / ".stripe-flows", ENV)
        assert local_environment(["run", "main"], theirs) == {
            "PATH": "/bin",
            "REDIS_URL": "redis://127.0.0.1:7/0",
            "STRIPE_FLOWS_SEAL_KEYS": "k",
        }
        own = theirs | {"STRIPE_FLOWS_SEAL_KEYS": "mine"}
        assert local_environment(["run", "main"], own) is None, "a deployment of the caller's own"
        assert local_environment(["keys", "new"], theirs) is None, "needs none"
        assert local_environment([], theirs) is None
    assert local_environment(["run", "main"], theirs) is None, "it has ended"


def test_the_file_of_a_local_stack_has_no_stripe_key_and_only_its_owner_reads_it(
    tmp_path: Path,
) -> None:
    with claim(tmp_path):
        announce(tmp_path, ENV)
        (file,) = tmp_path.glob("*.json")
        assert KEY not in file.read_text()
        assert file.stat().st_mode & 0o077 == 0


def test_a_second_local_stack_of_a_folder_is_refused(tmp_path: Path) -> None:
    with claim(tmp_path):
        announce(tmp_path, ENV)
        with pytest.raises(AlreadyRuns, match=f"process {os.getpid()}"), claim(tmp_path):
            pass
    with claim(tmp_path):
        pass


def test_what_a_killed_stack_left_behind_is_not_believed(tmp_path: Path) -> None:
    with claim(tmp_path):
        announce(tmp_path, ENV)
        left = (tmp_path / "env.json").read_text()
    (tmp_path / "env.json").write_text(left)  # as after kill -9, which also frees the lock
    with (tmp_path / "dev.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert running_environment(tmp_path) is None
