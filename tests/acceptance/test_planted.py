"""A key and a customer's address are planted, and looked for wherever they must not be.

Promise 7: a key is never readable outside the worker, and customers' data is sealed at rest.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import redis

from stripe_flows import app, start_flow
from stripe_flows.local.stack import Stack
from stripe_flows.simulator.client import SimulatorClient
from tests.acceptance.caller import calling
from tests.acceptance.conftest import QUICK
from tests.everything import everything_in

KEY = "sk_test_plantedKEY0123456789"
LITERAL = "rk_test_plantedLITERAL987654"
KEYS = [
    text
    for key in (KEY, LITERAL)
    for text in (key, key[8:], base64.b64encode(f"{key}:".encode()).decode())
]
EMAIL = "planted.jenny@example.com"

FLOWS = {
    "planted": f"""
print(params["email"], stripe_secret)
new_customer().email(params["email"]).create_async()
new_customer().email(params["email"]).create_async("default", "planted", "{LITERAL}")
""",
    "new_create_customer_response": """
print(parsed_data.email)
new_payment_intent().amount(2000).currency("usd").customer(parsed_data.id).payment_method(
    "pm_card_chargeDeclined").confirm(True).receipt_email(parsed_data.email).create_async()
""",
    "new_create_payment_intent_error": 'raise ValueError(parsed_error.error.message + params["email"])',
}


@pytest.fixture
def planted(tmp_path: Path) -> Iterator[Stack]:
    """A stack whose worker logs at debug and keeps results, as a careless operator would have it."""
    flows = tmp_path / "flows"
    flows.mkdir()
    for name, source in FLOWS.items():
        (flows / f"{name}.py").write_text(source)
    with Stack(tmp_path / "stack", flows_dir=flows, extra_env=QUICK) as stack, calling(stack):
        stack.workers[0].stop()
        stack.workers.clear()
        results = stack.broker.url.replace("/0", "/1")
        env = {"CELERY_RESULT_BACKEND": results}
        stack.start_worker("debugging", env=env, loglevel="DEBUG")
        yield stack


def test_a_planted_key_and_address_are_nowhere_to_be_found(planted: Stack) -> None:
    assert planted.simulator_url is not None
    simulator = SimulatorClient(planted.simulator_url)
    simulator.faults([{"kind": "forbidden_403", "times": 1}, {"kind": "reset_after", "times": 1}])
    events: list[dict[str, Any]] = []

    with watching(events):
        run = start_flow("planted", params={"email": EMAIL}, stripe_secret=KEY, run_id="planted")
        lists = processes()
        status = run.wait(30)
        wait_for(lambda: sum(event["type"] == "task-failed" for event in events) >= 3)
    simulator.close()

    # Given that it all really happened, and that who may see it sees it
    assert status == "failed"
    assert EMAIL in run.output()
    assert any(EMAIL in (event.error or "") for event in run.history())

    # Then it stands nowhere else
    places = {
        "processes": lists,
        "events": json.dumps(events, default=str).encode(),
        "repr": repr((run, run.history(), run.state(), run.open_items()))
        .encode()
        .replace(EMAIL.encode(), b""),
        **servers(planted),
        **files(planted.folder),
    }
    assert b"{sf}:r:planted" in places["redis 0"]
    assert b"Task stripe_flows.create_payment_intent" in places["logs/debugging.log"]
    for name, found in places.items():
        for secret in (*KEYS, EMAIL, EMAIL.replace("@", "%40")):
            assert secret.encode() not in found, f"{secret} in {name}"


@contextmanager
def watching(events: list[dict[str, Any]]) -> Iterator[None]:
    """Collects the events that workers send, as Flower does."""
    with app.connection() as connection:
        receiver = app.events.Receiver(connection, handlers={"*": events.append})

        def capture() -> None:
            while not receiver.should_stop:
                with suppress(TimeoutError):
                    receiver.capture(limit=None, timeout=0.2)

        thread = threading.Thread(target=capture)
        thread.start()
        try:
            wait_for(lambda: bool(events))  # the worker's heartbeat: from now on nothing is missed
            yield
        finally:
            receiver.should_stop = True
            thread.join(10)


def wait_for(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def servers(stack: Stack) -> dict[str, bytes]:
    """What broker, journal and result backend hold."""
    found = {}
    for number in (0, 1):
        with redis.Redis.from_url(stack.broker.url.replace("/0", f"/{number}")) as server:
            found[f"redis {number}"] = everything_in(server)
    return found


def files(folder: Path) -> dict[str, bytes]:
    """Every file of the stack: logs, the append-only file."""
    found = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert any("appendonly" in name for name in found)
    return found


def processes() -> bytes:
    """The command lines of everything that runs."""
    found = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    return b"\n".join(found)
