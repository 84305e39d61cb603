"""A hint names an item and what a person wants to see; a broker that is away costs nothing."""

from __future__ import annotations

import socket
import time
from typing import Any, cast

import pytest
from celery import Celery
from kombu import Connection
from kombu.exceptions import OperationalError

from stripe_flows.tasks.hint import Hint
from stripe_flows.tasks.publisher import Publisher

HINT = Hint(
    run_id="order-42",
    item_id="abc",
    at=1700000000000,
    queue="flows.default",
    kind="call",
    name="create_payment_intent",
    attempt=3,
    context_id="context-123",
)


class FakeApp:
    """Celery as far as a publisher needs it; its broker is Kombu's own, in memory."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def connection_for_write(self, **_: Any) -> Connection:
        return Connection("memory://")

    def send_task(self, name: str, **options: Any) -> None:
        if self.error:
            raise self.error
        self.sent.append((name, options))


def publish(app: FakeApp, hint: Hint) -> tuple[int, Publisher]:
    publisher = Publisher(cast(Celery, app))
    return publisher.publish([hint]), publisher


def test_a_hint_holds_ids_and_display_names_and_nothing_else() -> None:
    app = FakeApp()
    publish(app, HINT)
    ((name, options),) = app.sent
    assert name == "stripe_flows.create_payment_intent"
    assert options["kwargs"] == {
        "run": "order-42",
        "item": "abc",
        "at": 1700000000000,
        "operation": "create_payment_intent",
        "context_id": "context-123",
    }


def test_each_attempt_has_a_task_id_of_its_own() -> None:
    app = FakeApp()
    publish(app, HINT)
    assert app.sent[0][1]["task_id"] == "abc.3"


def test_an_execution_goes_to_the_task_that_runs_scripts() -> None:
    app = FakeApp()
    publish(app, HINT.model_copy(update={"kind": "execution", "name": "main"}))
    ((name, options),) = app.sent
    assert name == "stripe_flows.run_flow"
    assert options["kwargs"]["flow"] == "main"


def test_publishing_never_waits_for_a_broker() -> None:
    app = FakeApp()
    publish(app, HINT)
    assert app.sent[0][1]["retry"] is False


@pytest.mark.parametrize(
    "error", [OperationalError("away"), ConnectionResetError("gone"), KeyError("whatever")]
)
def test_a_failed_publication_is_counted_and_swallowed(error: Exception) -> None:
    done, publisher = publish(FakeApp(error), HINT)
    assert (done, publisher.failures) == (0, 1)


def test_a_broker_that_refused_one_hint_is_not_asked_to_take_a_thousand() -> None:
    publisher = Publisher(cast(Celery, FakeApp(OperationalError("away"))))
    assert publisher.publish([HINT] * 1000) == 0
    assert publisher.failures == 1


def test_the_broker_is_looked_up_once_and_not_for_each_hint() -> None:
    class CountingApp(FakeApp):
        looked_up = 0

        def connection_for_write(self, **options: Any) -> Connection:
            self.looked_up += 1
            return super().connection_for_write(**options)

    app = CountingApp()
    publisher = Publisher(cast(Celery, app))
    publisher.publish([HINT])
    before = app.looked_up
    assert publisher.publish([HINT] * 10) == 10
    assert app.looked_up == before


def test_a_broker_that_never_answers_is_waited_for_two_seconds_and_no_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        app = Celery(
            "x", broker=f"redis://127.0.0.1:{silent.getsockname()[1]}/0", set_as_current=False
        )
        app.conf.broker_transport_options = {"socket_timeout": 60}
        began = time.monotonic()
        assert Publisher(app).publish([HINT]) == 0
        assert time.monotonic() - began < 20
