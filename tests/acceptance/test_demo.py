"""`make demo`: the main job, on real processes, with nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stripe_flows.local.environment import clean_environment
from tests.acceptance.conftest import FLOWS
from tests.acceptance.waiting import processes_about, wait_for

DEMO = [sys.executable, "-m", "stripe_flows.cli.demo"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the flows, and nothing else."""
    (tmp_path / "flows").symlink_to(FLOWS)
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    """As a shell in the folder would have it; `processes_about` knows the processes by it."""
    return clean_environment(os.environ) | {"PWD": str(folder)}


def demo(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        DEMO,
        cwd=folder,
        env=environment(folder) | env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_shows_both_flows_and_their_timelines_and_leaves_nothing_behind(checkout: Path) -> None:
    # The user's own settings must not lead it elsewhere.
    done = demo(
        checkout,
        STRIPE_SECRET_KEY="sk_test_mine",
        STRIPE_API_BASE="http://127.0.0.1:1",
        REDIS_URL="redis://127.0.0.1:1/0",
        CELERY_BROKER_URL="redis://127.0.0.1:1/0",
        STRIPE_FLOWS_SEAL_KEYS="none",
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("starting broker, simulator and worker …\n")
    main, declined = done.stdout.split("flows/declined.py\n", 1)
    printed = main.split("flows/main.py\n", 1)[1].splitlines()
    assert printed[0] == "Request dispatched: payment_intent_request_dispatched"
    assert re.fullmatch(r"✅ Payment Intent Created: pi_\w+", printed[1])
    assert printed[2] == "Status: requires_payment_method"
    assert printed[3] == "Ready for frontend payment collection"
    assert re.search(
        r"✓ create_payment_intent  [\d:.]+  [\d.]+ ms  200\n[│ ]+pi_\w+  req_\w+", main
    )
    assert "✓ flows/new_create_payment_intent_response.py" in main
    assert declined.splitlines()[1:4] == [
        "❌ Payment Intent Failed: card_error",
        "Message: Your card was declined.",
        "Card was declined",
    ]
    assert "✓ flows/new_create_payment_intent_error.py" in declined

    assert processes_about(checkout) == []
    assert {path.name for path in checkout.iterdir()} == {"flows", ".stripe-flows"}
    assert list((checkout / ".stripe-flows" / "demo").iterdir()) == []


def test_it_fails_clearly_where_a_run_fails_and_keeps_only_its_logs(tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "main.py").write_text("raise ValueError('broken')\n")

    done = demo(tmp_path)

    assert done.returncode == 1
    assert "flows/main.py:1: ValueError: broken" in done.stdout
    assert "is failed" in done.stderr
    assert "everything is stopped; the logs are in" in done.stderr
    assert processes_about(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_can_be_stopped_in_the_middle(checkout: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        DEMO,
        cwd=checkout,
        env=environment(checkout),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        # The demo itself, the broker, the simulator and the worker.
        wait_for(lambda: len(processes_about(checkout)) >= 4)
        process.send_signal(number)
        assert process.wait(20) == 1
    finally:
        process.kill()
    assert processes_about(checkout) == []


def test_elsewhere_it_says_where_it_runs(tmp_path: Path) -> None:
    done = demo(tmp_path)
    assert done.returncode == 1
    assert done.stderr == "error: there is no flows/main.py here; run `make demo` in the checkout\n"
