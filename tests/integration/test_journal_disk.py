"""A worker notices a journal that a crash of its server would lose."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, cast

import pytest
import redis

from stripe_flows.engine.errors import JournalError
from stripe_flows.tasks.journal.store import Store
from stripe_flows.tasks.worker.bootsteps import check_disk


@pytest.fixture
def no_aof(server: redis.Redis) -> Iterator[None]:
    """The server, for one test without its append-only file."""
    server.config_set("appendonly", "no")
    yield
    server.config_set("appendonly", "yes")


def answering(store: Store, monkeypatch: pytest.MonkeyPatch, **info: Any) -> Store:
    """The store, on a server whose INFO says this."""
    monkeypatch.setattr(store.redis, "info", lambda _section: info)
    return store


def test_a_server_with_its_append_only_file_is_fine(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    check_disk(store, required=True)
    assert caplog.records == []


@pytest.mark.usefixtures("no_aof")
def test_a_server_without_one_is_an_error_in_the_log(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    check_disk(store, required=False)
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert cast(Any, record).action == "journal_not_durable"
    assert "keeps no append-only file" in record.getMessage()
    assert "appendonly yes" in record.getMessage()


@pytest.mark.usefixtures("no_aof")
def test_a_server_without_one_is_refused_where_the_file_is_required(store: Store) -> None:
    with pytest.raises(JournalError, match=r"keeps no append-only file.*STRIPE_FLOWS_REQUIRE_AOF"):
        check_disk(store, required=True)


def test_a_file_that_cannot_be_written_is_noticed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = answering(store, monkeypatch, aof_enabled=1, aof_last_write_status="err")
    assert "aof_last_write_status is err" in (full.disk_fault() or "")


def test_a_server_that_does_not_say_is_noticed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "does not say" in (answering(store, monkeypatch, loading=0).disk_fault() or "")
