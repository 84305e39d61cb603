"""The simulator as a process: over real sockets, with `requests` and Stripe's own client."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import stripe

from stripe_flows.simulator.client import SimulatorClient
from tests.integration.simulator_process import (
    COMMAND,
    END_SECONDS,
    ROOT,
    SECRET,
    SimulatorProcess,
    first_line,
)

INTENT: dict[str, str] = {"amount": "2000", "currency": "usd"}


@pytest.fixture(scope="module")
def simulator_options() -> list[str]:
    return ["--seed-customer", "cus_customer123"]


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.auth = (SECRET, "")
        yield session


def create(
    simulator: SimulatorClient, session: requests.Session, key: str, timeout: float = 10
) -> requests.Response:
    url = f"{simulator.base_url}/v1/payment_intents"
    return session.post(url, data=INTENT, headers={"Idempotency-Key": key}, timeout=timeout)


def executed(simulator: SimulatorClient) -> dict[str, int]:
    keys = simulator.effects()["keys"]
    return {key: effect["executed"] for key, effect in keys.items()}


def wait_for(condition: Callable[[], bool]) -> None:
    bound = time.monotonic() + END_SECONDS
    while not condition():
        assert time.monotonic() < bound, "waited too long"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_requests_creates_and_replays_on_one_connection(
    simulator: SimulatorClient, session: requests.Session
) -> None:
    first, second = (create(simulator, session, "order-1") for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["status"] == "requires_payment_method"
    assert second.content == first.content
    assert second.headers["Idempotent-Replayed"] == "true"
    assert first.headers["Stripe-Version"] == simulator.health()["api_version"]
    assert executed(simulator) == {"order-1": 1}
    assert [entry["replayed"] for entry in simulator.ledger()] == [False, True]


def test_the_seeded_customer_is_there_after_every_reset(
    simulator: SimulatorClient, session: requests.Session
) -> None:
    simulator.reset()
    url = f"{simulator.base_url}/v1/customers/cus_customer123"
    assert session.get(url, timeout=10).json()["object"] == "customer"


@pytest.mark.parametrize(("kind", "done"), [("reset_before", False), ("reset_after", True)])
def test_a_reset_is_a_real_one_on_the_wire(
    simulator: SimulatorClient, session: requests.Session, kind: str, done: bool
) -> None:
    simulator.faults([{"kind": kind, "times": 1}])
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        create(simulator, session, "k")
    assert executed(simulator) == ({"k": 1} if done else {})
    again = create(simulator, session, "k")
    assert again.headers.get("Idempotent-Replayed") == ("true" if done else None)
    assert executed(simulator) == {"k": 1}


@pytest.mark.parametrize(("kind", "done"), [("timeout_before", False), ("timeout_after", True)])
def test_a_time_out_is_one_for_the_client(
    simulator: SimulatorClient, session: requests.Session, kind: str, done: bool
) -> None:
    simulator.faults([{"kind": kind, "times": 1}])
    with pytest.raises(requests.ReadTimeout):
        create(simulator, session, "k", timeout=0.3)
    assert executed(simulator) == ({"k": 1} if done else {})
    assert create(simulator, session, "k").status_code == 200
    assert executed(simulator) == {"k": 1}


def test_a_silent_connection_is_closed_after_its_seconds(
    simulator: SimulatorClient, session: requests.Session
) -> None:
    simulator.faults([{"kind": "timeout_before", "times": 1, "seconds": 0.1}])
    with pytest.raises(requests.ConnectionError):
        create(simulator, session, "k")


def test_a_request_goes_on_when_its_client_is_gone(
    simulator: SimulatorClient, session: requests.Session
) -> None:
    simulator.faults([{"kind": "slow", "times": 1, "seconds": 0.5}])
    with pytest.raises(requests.ReadTimeout):
        create(simulator, session, "k", timeout=0.1)
    assert create(simulator, session, "k").status_code == 409
    wait_for(lambda: executed(simulator) == {"k": 1})
    assert create(simulator, session, "k").headers["Idempotent-Replayed"] == "true"


def test_a_wrong_control_request_says_what_is_wrong(simulator: SimulatorClient) -> None:
    with pytest.raises(requests.HTTPError, match="did you mean 'timeout_before'"):
        simulator.faults([{"kind": "timeout_befor"}])
    assert simulator.current_faults() == []


@pytest.mark.parametrize("path", ["/v1/customers", "/_sim/health", "/v1/nothing"])
def test_head_is_answered_as_get_is_but_without_a_body(
    simulator: SimulatorClient, session: requests.Session, path: str
) -> None:
    found = session.get(simulator.base_url + path, timeout=10)
    head = session.head(simulator.base_url + path, timeout=10)
    assert (head.status_code, head.content) == (found.status_code, b"")
    assert head.headers["Content-Type"] == "application/json"


def test_a_form_of_very_many_fields_is_refused_in_json(
    simulator: SimulatorClient, session: requests.Session
) -> None:
    form = {f"metadata[k{n}]": "1" for n in range(100_000)}
    refused = session.post(f"{simulator.base_url}/v1/customers", form, timeout=60)
    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == "metadata"


def test_stripes_client_creates_and_reads(
    simulator: SimulatorClient, official: stripe.StripeClient
) -> None:
    customer = official.v1.customers.create({"email": "ada@example.com", "metadata": {"a": "1"}})
    intent = official.v1.payment_intents.create(
        {"amount": 2000, "currency": "usd", "customer": customer.id, "expand": ["customer"]},
        {"idempotency_key": "order-1"},
    )
    assert isinstance(intent, stripe.PaymentIntent)
    assert isinstance(intent.customer, stripe.Customer)
    assert intent.customer.to_dict()["metadata"] == {"a": "1"}
    read = official.v1.payment_intents.retrieve(intent.id)
    assert (read.id, read.status, read.customer) == (
        intent.id,
        "requires_payment_method",
        customer.id,
    )
    replay = official.v1.payment_intents.create(
        {"amount": 2000, "currency": "usd", "customer": customer.id, "expand": ["customer"]},
        {"idempotency_key": "order-1"},
    )
    assert replay.id == intent.id
    assert replay.last_response is not None
    assert replay.last_response.headers["Idempotent-Replayed"] == "true"
    assert executed(simulator)["order-1"] == 1
    assert simulator.ledger()[-1]["stripe_version"] == simulator.health()["api_version"]


def test_stripes_client_sees_a_decline(
    simulator: SimulatorClient, official: stripe.StripeClient
) -> None:
    with pytest.raises(stripe.CardError) as caught:
        official.v1.payment_intents.create(
            {
                "amount": 2000,
                "currency": "usd",
                "confirm": True,
                "payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds",
            }
        )
    error = caught.value
    assert (error.http_status, error.code) == (402, "card_declined")
    assert error.error is not None
    assert error.error.decline_code == "insufficient_funds"
    assert error.error.payment_intent is not None
    assert error.request_id == simulator.ledger()[-1]["request_id"]


def test_stripes_client_raises_its_own_error_for_each_refusal(
    simulator: SimulatorClient, official: stripe.StripeClient
) -> None:
    official.v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"})
    with pytest.raises(stripe.IdempotencyError):
        official.v1.customers.create({"name": "Eve"}, {"idempotency_key": "k"})
    with pytest.raises(stripe.InvalidRequestError) as missing:
        official.v1.customers.retrieve("cus_none")
    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")
    simulator.faults([{"kind": "rate_429", "times": 1}, {"kind": "error_503", "times": 1}])
    with pytest.raises(stripe.RateLimitError):
        official.v1.customers.list()
    with pytest.raises(stripe.APIError):
        official.v1.customers.list()
    bad = stripe.StripeClient("sk_test_invalid", base_addresses={"api": simulator.base_url})
    with pytest.raises(stripe.AuthenticationError):
        bad.v1.customers.list()


def test_stripes_client_pages_through_a_list(
    simulator: SimulatorClient, official: stripe.StripeClient
) -> None:
    made = [official.v1.products.create({"name": f"P{n}"}).id for n in range(7)]
    page = official.v1.products.list({"limit": 3})
    assert [product.id for product in page.auto_paging_iter()] == made[::-1]
    assert len(simulator.ledger(operation="list_products")) == 3


def test_stripes_client_subscribes_a_customer(
    simulator: SimulatorClient, official: stripe.StripeClient
) -> None:
    customer = official.v1.customers.create(
        {
            "payment_method": "pm_card_visa",
            "invoice_settings": {"default_payment_method": "pm_card_visa"},
        }
    )
    product = official.v1.products.create({"name": "Tea"})
    price = official.v1.prices.create(
        {
            "product": product.id,
            "currency": "usd",
            "unit_amount": 900,
            "recurring": {"interval": "month"},
        }
    )
    made = official.v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": price.id, "quantity": 2}]}
    )
    assert (made.status, made.currency) == ("active", "usd")
    item = made["items"].data[0]
    assert (item.price.id, item.quantity) == (price.id, 2)
    assert official.v1.subscriptions.cancel(made.id).status == "canceled"


def test_stripes_client_authenticates_a_payment(
    simulator: SimulatorClient, official: stripe.StripeClient
) -> None:
    intent = official.v1.payment_intents.create(
        {
            "amount": 2000,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_threeDSecure2Required",
        }
    )
    assert intent.status == "requires_action"
    assert simulator.authenticate(intent.id)["status"] == "succeeded"
    assert official.v1.payment_intents.retrieve(intent.id).amount_received == 2000


def test_a_killed_simulator_remembers_all_that_it_answered_and_no_key(
    tmp_path: Path, session: requests.Session
) -> None:
    # Given a simulator with a state file, killed after an answer
    state = tmp_path / "state.db"
    running = SimulatorProcess(tmp_path / "stderr", "--state", str(state))
    first = create(SimulatorClient(running.url), session, "k")
    running.kill()
    # When it is started again
    running = SimulatorProcess(tmp_path / "stderr", "--state", str(state))
    client = SimulatorClient(running.url)
    # Then the answer is replayed, the effect is known, and the key is nowhere
    again = create(client, session, "k")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.content == first.content
    assert executed(client) == {"k": 1}
    assert running.stop() == 0
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert first.json()["id"].encode() in kept
    assert SECRET.encode() not in kept


def test_two_simulators_do_not_share_a_state_file(tmp_path: Path) -> None:
    state = str(tmp_path / "state.db")
    running = SimulatorProcess(tmp_path / "stderr", "--state", state)
    second = subprocess.run(
        [*COMMAND, "--state", state], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert running.stop() == 0
    assert (second.returncode, second.stdout) == (1, "")
    assert "database is locked" in second.stderr
    assert len(second.stderr.splitlines()) == 1


def test_a_port_that_is_taken_is_one_clear_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = subprocess.run(
            [*COMMAND, "--port", port], cwd=ROOT, capture_output=True, text=True, timeout=30
        )
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"127.0.0.1:{port}: Address already in use; choose another --port" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_also_while_a_client_waits(
    tmp_path: Path, number: signal.Signals
) -> None:
    running = SimulatorProcess(tmp_path / "stderr")
    client = SimulatorClient(running.url)
    client.faults([{"kind": "timeout_before"}])
    with socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2]))) as waiting:
        waiting.sendall(b"GET /v1/customers HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_for(lambda: client.health()["received"] == 1)
        running.process.send_signal(number)
        assert running.process.wait(5) == 0
    assert running.stop() == 0
    assert running.errors == ""


def test_it_dies_with_its_parent() -> None:
    program = (
        "import subprocess, sys, time\n"
        f"command = {[*COMMAND, '--die-with-parent']!r}\n"
        "child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)\n"
        "child.stdout.readline()\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=ROOT)
    try:
        pid = int(first_line(parent))
        assert is_alive(pid)
    finally:
        parent.kill()
        parent.communicate(timeout=END_SECONDS)
    wait_for(lambda: not is_alive(pid))
