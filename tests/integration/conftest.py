"""Fixtures of the integration tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import stripe

from stripe_flows.local.broker import Broker
from stripe_flows.simulator.client import SimulatorClient
from stripe_flows.tasks.journal.store import Store
from stripe_flows.tasks.sealing import new_key
from tests.integration.charging import CHARGE, ERROR, RESPONSE
from tests.integration.house import House, make_house
from tests.integration.journal_items import Journal
from tests.integration.simulator_process import SimulatorProcess, client_of


@pytest.fixture
def house(
    broker: Broker, server: redis.Redis, flows_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """The house with an empty flows folder, a key in the environment and two script processes."""
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_ofthehouse")
    built = make_house(server, broker.url, flows_folder, new_key(), max_attempts=3, max_calls=20)
    try:
        yield built
    finally:
        built.services.engine.close()
        built.services.store.close()


@pytest.fixture
def charging(house: House) -> House:
    house.flows(
        main=CHARGE,
        new_create_payment_intent_response=RESPONSE,
        new_create_payment_intent_error=ERROR,
    )
    return house


@pytest.fixture
def journal(store: Store) -> Journal:
    return Journal(store)


@pytest.fixture(scope="module")
def simulator_options() -> list[str]:
    """How a module's simulator is started; a module may give its own."""
    return []


@pytest.fixture(scope="module")
def process(
    tmp_path_factory: pytest.TempPathFactory, simulator_options: list[str]
) -> Iterator[SimulatorProcess]:
    errors = tmp_path_factory.mktemp("simulator") / "stderr"
    running = SimulatorProcess(errors, *simulator_options)
    yield running
    assert running.stop() == 0
    assert running.errors == ""


@pytest.fixture
def simulator(process: SimulatorProcess) -> Iterator[SimulatorClient]:
    """Control of a simulator that knows nothing but what it was started with."""
    client = SimulatorClient(process.url)
    client.reset()
    yield client
    client.close()


@pytest.fixture
def official(simulator: SimulatorClient) -> stripe.StripeClient:
    return client_of(simulator.base_url)
