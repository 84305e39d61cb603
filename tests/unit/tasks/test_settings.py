"""Settings are read once, cast, and refused at start-up with the variable's name."""

from __future__ import annotations

import os

import pytest

from stripe_flows.engine.errors import SettingsError
from stripe_flows.tasks.sealing import new_key
from stripe_flows.tasks.settings import Settings


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("STRIPE_", "REDIS_URL", "CELERY_")):
            monkeypatch.delenv(name)


def test_the_defaults_are_those_of_the_documents() -> None:
    settings = Settings.read()
    assert settings.stripe_api_base == "https://api.stripe.com"
    assert (settings.connect_timeout, settings.read_timeout, settings.lease) == (5, 20, 30)
    assert (settings.grace, settings.max_attempts, settings.max_calls) == (15, 8, 1000)
    assert (settings.max_depth, settings.retention_days, settings.on_unknown) == (50, 30, "hold")
    assert not settings.allow_live


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STRIPE_FLOWS_READ_TIMEOUT", "soon"),
        ("STRIPE_FLOWS_MAX_ATTEMPTS", "0"),
        ("STRIPE_FLOWS_ON_UNKNOWN", "error"),
        ("STRIPE_FLOWS_SEAL_KEYS", "not-a-key"),
        ("STRIPE_FLOWS_LEASE", "20"),
        ("STRIPE_FLOWS_TOMBSTONE_DAYS", "29"),
        ("STRIPE_FLOWS_RATE_LIMIT", "25"),
        ("STRIPE_FLOWS_LEASE", "inf"),
        ("REDIS_URL", "http://redis"),
        ("STRIPE_API_BASE", "http://"),
        ("STRIPE_API_BASE", "api.stripe.com"),
    ],
)
def test_a_wrong_value_is_refused_with_the_variables_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        Settings.read()


def test_seal_keys_are_a_list_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [new_key(), new_key()]
    monkeypatch.setenv("STRIPE_FLOWS_SEAL_KEYS", ", ".join(keys))
    settings = Settings.read()
    assert [key.get_secret_value() for key in settings.seal_keys] == keys
    assert not any(key in repr(settings) for key in keys)


def test_a_wrong_seal_key_is_not_shown_in_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_FLOWS_SEAL_KEYS", "c2VjcmV0LW1hdGVyaWFs")
    with pytest.raises(SettingsError) as caught:
        Settings.read()
    assert "c2VjcmV0" not in str(caught.value)


def test_the_journal_is_where_redis_url_says_else_at_the_broker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://broker:1/0")
    assert Settings.read().journal_url == "redis://broker:1/0"
    monkeypatch.setenv("CELERY_BROKER_URL", "amqp://broker")
    with pytest.raises(SettingsError, match="REDIS_URL is not set"):
        Settings.read()
    monkeypatch.setenv("REDIS_URL", "redis://journal:2/0")
    assert Settings.read().journal_url == "redis://journal:2/0"


@pytest.mark.parametrize("url", ["http://broker", "broker", "rediss:broker", "amqp://a;htp://b"])
def test_a_broker_that_celery_does_not_know_is_refused_with_its_name(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://journal:2/0")
    for name in ("CELERY_BROKER_URL", "STRIPE_FLOWS_BROKER_URL"):  # each goes before the last
        monkeypatch.setenv(name, url)
        with pytest.raises(SettingsError, match=f"^{name} is not the URL of a broker"):
            Settings.read()


@pytest.mark.parametrize(
    "url",
    ["sentinel://a:1;sentinel://b:2", "redis+socket:///run/redis.sock", "amqps://b", "sqs://"],
)
def test_every_broker_of_celerys_is_accepted(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://journal:2/0")
    monkeypatch.setenv("STRIPE_FLOWS_BROKER_URL", url)
    assert Settings.read().broker == url


def test_a_journal_on_a_socket_needs_a_broker_that_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REDIS_URL", "unix:///run/redis.sock")
    with pytest.raises(SettingsError, match=r"^REDIS_URL is not .* redis\+socket://"):
        Settings.read()
    monkeypatch.setenv("STRIPE_FLOWS_BROKER_URL", "redis+socket:///run/redis.sock")
    assert Settings.read().journal_url == "unix:///run/redis.sock"


def test_a_broker_of_our_own_goes_before_that_of_all_celery_apps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://theirs:1/0")
    assert Settings.read().broker == "redis://theirs:1/0"
    monkeypatch.setenv("STRIPE_FLOWS_BROKER_URL", "redis://ours:2/0")
    assert Settings.read().broker == Settings.read().journal_url == "redis://ours:2/0"
    monkeypatch.setenv("STRIPE_FLOWS_BROKER_URL", "")
    assert Settings.read().broker == "redis://theirs:1/0"
