"""Fixtures that several kinds of tests share: a real Valkey server, and a journal on it."""

from __future__ import annotations

import getpass
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import redis
from pydantic import SecretStr

from stripe_flows.local.broker import Broker
from stripe_flows.tasks.journal.store import Retention, Store
from stripe_flows.tasks.sealing import Sealer, new_key

DAY_MS = 86_400_000


def pytest_unconfigure() -> None:
    """Remove the folder that pytest keeps for its sessions, once no session is kept in it."""
    with suppress(OSError, KeyError):  # there are some; nobody knows the user's name
        (Path(tempfile.gettempdir()) / f"pytest-of-{getpass.getuser()}").rmdir()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A Valkey server for the whole session."""
    server = Broker(tmp_path_factory.mktemp("broker"))
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def server(broker: Broker) -> Iterator[redis.Redis]:
    """A plain client of an emptied server."""
    with redis.Redis.from_url(broker.url) as client:
        client.flushall()
        yield client


@pytest.fixture
def sealer() -> Sealer:
    return Sealer([SecretStr(new_key())])


@pytest.fixture
def store(broker: Broker, server: redis.Redis, sealer: Sealer) -> Iterator[Store]:
    """A journal on an emptied server."""
    journal = Store(broker.url, sealer, Retention(keep_ms=30 * DAY_MS, tombstone_ms=400 * DAY_MS))
    try:
        yield journal
    finally:
        journal.close()


@pytest.fixture
def flows_folder(tmp_path: Path) -> Path:
    """An empty flows folder."""
    folder = tmp_path / "flows"
    folder.mkdir()
    return folder
