"""Fixtures of the integration tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from stripe_flows.local.broker import Broker
from stripe_flows.tasks.sealing import new_key
from tests.integration.house import House, make_house


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
        built.parts.engine.close()
        built.parts.store.close()
