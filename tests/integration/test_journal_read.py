"""Reading the journal on a real server, and what it does not show."""

from __future__ import annotations

import pytest
import redis

from stripe_flows.engine.errors import JournalError, RunNotFound
from stripe_flows.tasks.journal.read import read_run, wait_done
from stripe_flows.tasks.journal.store import Store
from tests.everything import everything_in
from tests.integration.journal_items import RUN, Journal, answer, held_call


def test_every_waiter_returns_when_the_run_is_idle(journal: Journal) -> None:
    begun = journal.started_root()
    assert not wait_done(journal.store, RUN, 0)
    journal.close(begun)
    assert all(wait_done(journal.store, RUN, 1) for _ in range(3))


def test_a_run_that_goes_on_after_held_is_waited_for_again(journal: Journal) -> None:
    begun = held_call(journal)
    assert wait_done(journal.store, RUN, 0)
    answer(begun, "saved", journal.store)
    assert not wait_done(journal.store, RUN, 0)


def test_a_run_that_is_not_there_is_not_found(journal: Journal) -> None:
    with pytest.raises(RunNotFound, match="never started, or has expired"):
        read_run(journal.store, "nope")


def test_what_is_stored_shows_no_customers_data(journal: Journal, server: redis.Redis) -> None:
    journal.open_call()
    found = everything_in(server)
    assert RUN.encode() in found
    assert b"jenny@example.com" not in found
    assert b"amount" not in found


def test_a_server_that_may_evict_is_refused(store: Store, server: redis.Redis) -> None:
    store.check_server()
    server.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(JournalError, match=r"allkeys-lru.*noeviction"):
            store.check_server()
    finally:
        server.config_set("maxmemory-policy", "noeviction")
