"""Which broker our Celery app talks to, and that a user's own app keeps its own."""

from __future__ import annotations

import pytest
from celery import Celery

from stripe_flows.tasks.app import app

OURS, THEIRS = "redis://ours:1/0", "redis://theirs:2/0"


def brokers(of: Celery) -> set[str]:
    """The hosts where the app would consume, publish, and look."""
    found = (of.connection_for_read(), of.connection_for_write(), of.connection())
    return {str(connection.hostname) for connection in found}


@pytest.mark.parametrize(
    "theirs", ["CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL"]
)
def test_our_variable_wins_over_celerys_and_leaves_other_apps_alone(
    monkeypatch: pytest.MonkeyPatch, theirs: str
) -> None:
    other = Celery("other", broker=THEIRS, set_as_current=False)
    monkeypatch.setenv("STRIPE_FLOWS_BROKER_URL", OURS)
    monkeypatch.setenv(theirs, THEIRS)
    assert brokers(app) == {"ours"}
    assert brokers(other) == {"theirs"}


def test_without_our_variable_celerys_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STRIPE_FLOWS_BROKER_URL", raising=False)
    monkeypatch.setenv("CELERY_BROKER_URL", THEIRS)
    assert brokers(app) == {"theirs"}


def test_a_url_that_is_passed_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_FLOWS_BROKER_URL", OURS)
    assert app.connection_for_write(THEIRS).hostname == "theirs"
