"""`stripe-flows simulator`: the offline Stripe alone, as a person starts it in a terminal."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import stripe
from click.testing import CliRunner

from stripe_flows.cli.simulator import simulator
from tests.integration.simulator_process import END_SECONDS, client_of, first_line

COMMAND = [str(Path(sys.executable).with_name("stripe-flows")), "simulator"]


@contextmanager
def started(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The running command and its URL."""
    with (folder / "stderr").open("ab") as errors:
        process = subprocess.Popen(
            [*COMMAND, "--port", "0", *options], stdout=subprocess.PIPE, stderr=errors, cwd=folder
        )
    try:
        yield process, first_line(process).removeprefix("ready ")
    finally:
        process.kill()
        process.wait(END_SECONDS)
        assert process.stdout is not None
        process.stdout.close()


def paid_customer(client: stripe.StripeClient) -> list[str]:
    """The ids of a customer and of a payment intent, both new."""
    customer = client.v1.customers.create({"email": "jenny@example.com"})
    intent = client.v1.payment_intents.create(
        {"amount": 2000, "currency": "usd", "customer": customer.id}
    )
    assert intent.status == "requires_payment_method"
    return [customer.id, intent.id]


def test_a_program_uses_it_and_ctrl_c_ends_it_quietly(tmp_path: Path) -> None:
    with started(tmp_path, "--seed-customer", "cus_mine") as (process, url):
        # Given the line that says how to use it
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        hint = first_line(process)
        assert f"STRIPE_API_BASE={url}" in hint
        assert f'base_addresses={{"api": "{url}"}}' in hint
        # When Stripe's own client talks to it
        client = client_of(url)
        assert client.v1.customers.retrieve("cus_mine").id == "cus_mine"
        paid_customer(client)
        # Then Ctrl-C ends it without a word
        process.send_signal(signal.SIGINT)
        assert process.wait(END_SECONDS) == 0
        assert process.stdout is not None
        assert process.stdout.read() == b""
    assert (tmp_path / "stderr").read_text() == ""


def test_a_seed_makes_the_ids_of_two_starts_the_same(tmp_path: Path) -> None:
    ids = []
    for seed in ("7", "7", "8"):
        with started(tmp_path, "--seed", seed) as (_, url):
            ids.append(paid_customer(client_of(url)))
    assert ids[0] == ids[1]
    assert not set(ids[0]) & set(ids[2])


def test_a_seed_draws_no_id_twice_for_one_state_file(tmp_path: Path) -> None:
    ids = []
    for _ in range(2):
        with started(tmp_path, "--seed", "7", "--state", "stripe.db") as (_, url):
            ids += paid_customer(client_of(url))
    assert len(set(ids)) == 4


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = subprocess.run(
            [*COMMAND, "--port", port], cwd=tmp_path, capture_output=True, text=True, timeout=30
        )
    assert (refused.returncode, refused.stdout) == (1, "")
    (line,) = refused.stderr.splitlines()
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in line
    assert "--port" in line


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stripe_flows.tasks.extras.find_spec", lambda name: None)
    refused = CliRunner().invoke(simulator, [])
    assert "pip install 'stripe-flows[local]'" in str(refused.exception)
