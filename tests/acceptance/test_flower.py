"""Flower on the real stack: tasks by endpoint, failures as failures, and nothing that is secret."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlsplit

import pytest
import requests

from stripe_flows import Run, start_flow
from stripe_flows.dashboard.login import USER
from stripe_flows.local.broker import free_port
from stripe_flows.local.stack import Stack
from tests.acceptance.caller import calling
from tests.acceptance.conftest import FLOWS, QUICK
from tests.acceptance.waiting import wait_for

ROOT = FLOWS.parent
KEY = "sk_test_plantedPlantedPlanted"
EMAIL = "planted.person@example.com"

RAISES = 'raise ValueError(params["email"])'
DECLINES = """
(new_payment_intent().amount(100).currency("usd").payment_method("pm_card_chargeDeclined")
    .confirm(True).receipt_email(params["email"]).description(params["email"])
    .automatic_payment_methods({"enabled": True, "allow_redirects": "never"}).create_async())
"""


@pytest.fixture(scope="module")
def flower(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack with Flower."""
    folder = tmp_path_factory.mktemp("flower")
    own = Stack(folder, flows_dir=FLOWS, flower=True, extra_env=QUICK)
    with own, calling(own):
        yield own


@pytest.fixture(scope="module")
def tasks(flower: Stack) -> dict[str, dict[str, Any]]:
    """What Flower's API has of three runs: one paid, one declined, one whose script raised."""
    given = {"email": EMAIL}
    runs = [
        start_flow("main", params={"customer": "cus_customer123"}, context_id="order-1"),
        start_flow(script=DECLINES, params=given, stripe_secret=KEY, context_id="order-2"),
        start_flow(script=RAISES, params=given, stripe_secret=KEY, context_id="order-3"),
    ]
    for run in runs:
        run.wait(15)
    ends = {"SUCCESS", "FAILURE", "RETRY", "IGNORED"}

    def found() -> dict[str, dict[str, Any]] | None:
        listed = cast(dict[str, dict[str, Any]], get(flower, "/api/tasks").json())
        expected = sum(len(steps(run)) for run in runs)
        done = len(listed) >= expected and all(task["state"] in ends for task in listed.values())
        return listed if done else None

    return wait_for(found)


def test_the_tasks_are_named_after_stripes_endpoints(tasks: dict[str, dict[str, Any]]) -> None:
    assert {task["name"] for task in tasks.values()} == {
        "stripe_flows.run_flow",
        "stripe_flows.create_payment_intent",
    }


def test_a_task_says_what_it_is_about_and_nothing_more(tasks: dict[str, dict[str, Any]]) -> None:
    for task in tasks.values():
        # Celery writes the arguments as Python text.
        names = set(re.findall(r"'(\w+)':", task["kwargs"]))
        what = "flow" if task["name"].endswith("run_flow") else "operation"
        assert names == {"run", "item", "at", what, "context_id"}
        assert re.search(r"'context_id': 'order-[123]'", task["kwargs"])


def test_a_refused_call_is_a_failure_with_one_line(
    flower: Stack, tasks: dict[str, dict[str, Any]]
) -> None:
    calls = [t for t in tasks.values() if t["name"].endswith("create_payment_intent")]
    assert sorted(call["state"] for call in calls) == ["FAILURE", "SUCCESS"]
    (refused,) = [call for call in calls if call["state"] == "FAILURE"]

    assert "card_error code=card_declined decline_code=generic_decline" in refused["exception"]
    assert "\n" not in refused["exception"]
    page = get(flower, f"/task/{quote(refused['uuid'])}").text
    assert "card_declined" in page
    assert "FAILURE" in page


def test_a_script_that_raised_is_a_failure_that_says_where(
    tasks: dict[str, dict[str, Any]],
) -> None:
    (failed,) = [
        task
        for task in tasks.values()
        if task["name"].endswith("run_flow") and task["state"] == "FAILURE"
    ]
    assert "flows/script.py:1" in failed["exception"]
    assert "ValueError" in failed["exception"]


def test_no_page_has_a_key_or_a_customers_data(
    flower: Stack, tasks: dict[str, dict[str, Any]]
) -> None:
    # Flower gives the workers a second to answer it, which a busy machine may miss.
    (worker,) = wait_for(lambda: get(flower, "/api/workers?refresh=1").json())
    pages = [
        "/workers",
        "/tasks",
        "/tasks/datatable?draw=1&start=0&length=100&search[value]=&order[0][column]=0"
        "&order[0][dir]=asc&columns[0][data]=name",
        "/broker",
        f"/worker/{worker}",
        "/api/tasks",
        "/api/workers?refresh=1",
        "/api/task/types",
        "/metrics",
    ]
    pages += [f"/task/{quote(uuid)}" for uuid in tasks]
    pages += [f"/api/task/info/{quote(uuid)}" for uuid in tasks]

    texts = {page: get(flower, page).text for page in pages}

    # Given what must be there is there,
    assert "stripe_flows.create_payment_intent" in texts["/tasks"] + texts[pages[2]]
    # then what must not be is nowhere.
    secrets = (KEY, EMAIL, flower.env["STRIPE_SECRET_KEY"], flower.env["STRIPE_FLOWS_SEAL_KEYS"])
    leaks = [(page, s) for page, text in texts.items() for s in secrets if s in text]
    assert leaks == []


def test_without_the_password_only_health_and_metrics_answer(flower: Stack) -> None:
    closed = ("/", "/tasks", "/workers", "/api/tasks", "/api/workers", "/broker", "/task/x")
    answers = {
        path: requests.get(flower.flower_url + path, timeout=5).status_code for path in closed
    }
    assert answers == dict.fromkeys(closed, 401)
    wrong = requests.get(flower.flower_url + "/tasks", auth=(USER, "wrong"), timeout=5)
    assert wrong.status_code == 401
    for path in ("/healthcheck", "/metrics"):
        assert requests.get(flower.flower_url + path, timeout=5).status_code == 200


@pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.2 is an address on Linux only")
def test_everything_listens_on_the_loopback_only(flower: Stack) -> None:
    assert flower.simulator_url is not None
    for url in (flower.flower_url, flower.simulator_url, flower.broker.url):
        port = urlsplit(url).port
        assert port is not None
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
        # Whoever listens on all addresses answers here too.
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=2)


@pytest.mark.parametrize("given", [None, "me:chosen"])
def test_celery_flower_in_the_checkout_makes_a_password_unless_one_is_given(
    flower: Stack, tmp_path: Path, given: str | None
) -> None:
    # A folder with what the checkout has; the checkout itself may have a password already.
    for name in ("tasks", "flowerconfig.py"):
        (tmp_path / name).symlink_to(ROOT / name)
    port = free_port()
    command = [sys.executable, "-m", "celery", "-A", "tasks", "flower", f"--port={port}"]
    env = flower.env | ({"FLOWER_BASIC_AUTH": given} if given else {})
    log = tmp_path / "flower.log"
    kept = tmp_path / ".stripe-flows" / "flower.password"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=output, stderr=output)
    try:
        wait_for(lambda: _status(f"http://127.0.0.1:{port}/healthcheck") == 200)
        if given:
            assert not kept.exists()
            login = ("me", "chosen")
        else:
            assert stat.S_IMODE(kept.stat().st_mode) == 0o600
            login = (USER, kept.read_text().strip())
            assert f"{USER} / {login[1]}" in log.read_text()
        assert _status(f"http://127.0.0.1:{port}/tasks") == 401
        assert _status(f"http://127.0.0.1:{port}/tasks", login) == 200
        if sys.platform == "linux":
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.2", port), timeout=2)
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.wait(10)


def get(stack: Stack, path: str) -> requests.Response:
    """A page of Flower's, with its password."""
    reply = requests.get(
        stack.flower_url + path, auth=(USER, stack.flower_login.password), timeout=10
    )
    assert reply.status_code == 200, (path, reply.status_code, reply.text[:300])
    return reply


def steps(run: Run) -> set[str]:
    return {event.item for event in run.history() if event.kind in ("execution", "call")}


def _status(url: str, auth: tuple[str, str] | None = None) -> int | None:
    try:
        return requests.get(url, auth=auth, timeout=2).status_code
    except requests.RequestException:
        return None
