"""A Redis is recognised by its URL, for the journal and for the broker."""

from __future__ import annotations

import pytest

from stripe_flows.tasks.service_urls import is_journal_url, is_redis_broker


@pytest.mark.parametrize(
    ("url", "journal", "broker"),
    [
        ("redis://127.0.0.1:6379/0", True, True),
        ("rediss://:secret@cache.example:6380/1", True, True),
        ("unix:///run/redis.sock", True, True),
        ("redis+socket:///run/redis.sock", False, True),
        ("sentinel://a:26379;sentinel://b:26379", False, True),
        ("amqp://guest@rabbit//", False, False),
        ("memory://", False, False),
        ("", False, False),
    ],
)
def test_what_a_redis_is(url: str, journal: bool, broker: bool) -> None:
    assert is_journal_url(url) is journal
    assert is_redis_broker(url) is broker
