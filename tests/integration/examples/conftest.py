"""Fixtures of the examples' tests: one simulator for all, emptied for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import redis
import stripe

from stripe_flows.local.broker import Broker
from stripe_flows.simulator.client import SimulatorClient
from stripe_flows.tasks.http.client import StripeClient
from stripe_flows.tasks.sealing import new_key
from tests.integration.examples.shop import FLOWS, Shop
from tests.integration.house import make_house
from tests.integration.simulator_process import SimulatorProcess

SECRET = "sk_test_ofTheShop"


@pytest.fixture(scope="package")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    running = SimulatorProcess(tmp_path_factory.mktemp("simulator") / "stderr")
    yield running
    assert running.stop() == 0
    assert running.errors == ""


@pytest.fixture
def shop(
    broker: Broker,
    server: redis.Redis,
    process: SimulatorProcess,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Shop]:
    """A shop with the repository's flows, at a Stripe that holds nothing yet."""
    monkeypatch.setenv("STRIPE_SECRET_KEY", SECRET)
    house = make_house(server, broker.url, FLOWS, new_key())
    client = StripeClient(process.url, connect_timeout=5, read_timeout=30)
    house.services = replace(house.services, client=client)
    simulator = SimulatorClient(process.url)
    simulator.reset()
    official = stripe.StripeClient(
        SECRET, base_addresses={"api": process.url}, max_network_retries=0
    )
    try:
        yield Shop(house, simulator, official)
    finally:
        simulator.close()
        client.close()
        house.services.engine.close()
        house.services.store.close()
