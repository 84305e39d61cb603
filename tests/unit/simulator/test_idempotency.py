"""Saved answers, as Stripe's "Idempotent requests" promises them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from stripe_flows.simulator.objects.state import StateFile
from tests.unit.simulator.simulated import Simulated, simulated

INTENT = {"amount": 2000, "currency": "usd"}
DECLINED = INTENT | {"confirm": "true", "payment_method": "pm_card_chargeDeclined"}


def test_the_same_key_gives_the_same_answer_and_does_nothing_again() -> None:
    stripe = simulated()
    first = stripe.post("/v1/payment_intents", INTENT, key="order-1")
    second = stripe.post("/v1/payment_intents", dict(reversed(INTENT.items())), key="order-1")
    assert second.body == first.body
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Original-Request"] == first.headers["Request-Id"]
    assert second.headers["Request-Id"] != first.headers["Request-Id"]
    assert second.headers["Idempotency-Key"] == "order-1"
    assert "Idempotent-Replayed" not in first.headers
    assert stripe.executed() == {"order-1": 1}
    assert stripe.simulation.store.counts()["payment_intent"] == 1


@pytest.mark.parametrize(
    ("path", "params"),
    [("/v1/payment_intents", INTENT | {"amount": 2001}), ("/v1/customers", {"name": "Ada"})],
)
def test_a_key_that_stands_for_another_request_is_an_idempotency_error(
    path: str, params: dict[str, Any]
) -> None:
    stripe = simulated()
    stripe.post("/v1/payment_intents", INTENT, key="k")
    refused = stripe.post(path, params, key="k")
    assert (refused.status, refused.error["type"]) == (400, "idempotency_error")
    assert "Idempotent-Replayed" not in refused.headers
    assert stripe.executed() == {"k": 1}


def test_a_key_belongs_to_one_endpoint_even_with_the_same_parameters() -> None:
    stripe = simulated()
    stripe.post("/v1/customers", {"description": "Ada"}, key="k")
    refused = stripe.post("/v1/customers/cus_1", {"description": "Ada"}, key="k")
    assert (refused.status, refused.error["type"]) == (400, "idempotency_error")
    assert stripe.get("/v1/customers/cus_1").body["description"] != "Ada"


def test_a_decline_is_saved() -> None:
    stripe = simulated()
    first = stripe.post("/v1/payment_intents", DECLINED, key="k")
    second = stripe.post("/v1/payment_intents", DECLINED, key="k")
    assert (first.status, second.status) == (402, 402)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.body == first.body
    assert stripe.executed() == {"k": 1}


def test_a_500_after_the_effect_is_saved() -> None:
    stripe = simulated()
    stripe.simulation.faults.add([{"kind": "error_500_after", "times": 1}])
    first = stripe.post("/v1/payment_intents", INTENT, key="k")
    second = stripe.post("/v1/payment_intents", INTENT, key="k")
    assert (first.status, second.status) == (500, 500)
    assert first.error["type"] == "api_error"
    assert second.headers["Idempotent-Replayed"] == "true"
    assert stripe.executed() == {"k": 1}
    assert stripe.simulation.store.counts()["payment_intent"] == 1


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("unauthorized_401", 401),
        ("rate_429", 429),
        ("conflict_409", 409),
        ("error_500_before", 500),
        ("error_503", 503),
    ],
)
def test_a_refusal_before_the_execution_is_not_saved(kind: str, status: int) -> None:
    stripe = simulated()
    stripe.simulation.faults.add([{"kind": kind, "times": 1}])
    assert stripe.post("/v1/payment_intents", INTENT, key="k").status == status
    assert stripe.executed() == {}
    again = stripe.post("/v1/payment_intents", INTENT, key="k")
    assert again.status == 200
    assert "Idempotent-Replayed" not in again.headers


def test_failed_validation_is_not_saved() -> None:
    stripe = simulated()
    assert stripe.post("/v1/payment_intents", {"currency": "usd"}, key="k").status == 400
    missing = INTENT | {"customer": "cus_none"}
    assert stripe.post("/v1/payment_intents", missing, key="k").status == 400
    assert stripe.post("/v1/payment_intents", INTENT, key="k").status == 200


def test_a_refusal_by_the_objects_state_is_saved_since_the_execution_had_begun() -> None:
    stripe = simulated()
    made = stripe.post("/v1/payment_intents", INTENT | {"payment_method": "pm_card_visa"})
    path = f"/v1/payment_intents/{made.body['id']}"
    assert stripe.post(f"{path}/capture", key="k").status == 400
    stripe.post(f"{path}/cancel")
    replay = stripe.post(f"{path}/capture", key="k")
    assert replay.headers["Idempotent-Replayed"] == "true"
    assert replay.error["payment_intent"]["status"] == "requires_confirmation"
    assert "k" not in stripe.executed()


def test_a_key_in_flight_is_a_409_and_the_first_request_goes_on() -> None:
    async def both() -> tuple[int, int, str]:
        stripe = Simulated(latency=0.05)
        first = asyncio.create_task(stripe.asked("POST", "/v1/payment_intents", INTENT, key="k"))
        await asyncio.sleep(0)
        second = await stripe.asked("POST", "/v1/payment_intents", INTENT, key="k")
        assert second.headers["Stripe-Should-Retry"] == "true"
        done = await first
        assert stripe.executed() == {"k": 1}
        return done.status, second.status, second.error["code"]

    assert asyncio.run(both()) == (200, 409, "idempotency_key_in_use")


def test_a_key_older_than_24_hours_executes_anew() -> None:
    stripe = simulated()
    first = stripe.post("/v1/payment_intents", INTENT, key="k")
    stripe.simulation.answers.age(23 * 3600)
    assert stripe.post("/v1/payment_intents", INTENT, key="k").body == first.body
    stripe.simulation.answers.age(3600)
    assert stripe.post("/v1/payment_intents", INTENT, key="k").body["id"] != first.body["id"]
    assert stripe.executed() == {"k": 2}


def test_a_key_has_at_most_255_characters() -> None:
    stripe = simulated()
    assert stripe.post("/v1/payment_intents", INTENT, key="k" * 255).status == 200
    assert stripe.post("/v1/payment_intents", INTENT, key="k" * 256).status == 400


def test_keys_of_different_accounts_are_different_keys() -> None:
    stripe = simulated()
    own = stripe.post("/v1/payment_intents", INTENT, key="k")
    connected = stripe.post(
        "/v1/payment_intents", INTENT, key="k", headers={"Stripe-Account": "acct_1"}
    )
    assert own.body["id"] != connected.body["id"]
    assert connected.headers["Stripe-Account"] == "acct_1"


def test_a_get_and_a_delete_ignore_the_key() -> None:
    stripe = simulated()
    made = stripe.post("/v1/customers", key="k")
    path = f"/v1/customers/{made.body['id']}"
    assert stripe.get(path, key="k").body["object"] == "customer"
    assert stripe.delete(path, key="k").body == {
        "id": made.body["id"],
        "object": "customer",
        "deleted": True,
    }


def test_objects_answers_and_effects_survive_a_restart(tmp_path: Path) -> None:
    # Given a simulator with a state file, and a request of each kind
    state = StateFile(tmp_path / "state.db")
    stripe = simulated(state)
    made = stripe.post("/v1/payment_intents", INTENT, key="k")
    gone = stripe.post("/v1/products", {"name": "Tea"})
    stripe.delete(f"/v1/products/{gone.body['id']}")
    declined = stripe.post("/v1/payment_intents", DECLINED, key="d")
    state.close()
    # When it is started again
    state = StateFile(tmp_path / "state.db")
    again = simulated(state)
    # Then it knows all of it
    assert again.get(f"/v1/payment_intents/{made.body['id']}").body == made.body
    assert again.get(f"/v1/products/{gone.body['id']}").status == 404
    assert again.post("/v1/payment_intents", INTENT, key="k").body == made.body
    replay = again.post("/v1/payment_intents", DECLINED, key="d")
    assert (replay.status, replay.body) == (402, declined.body)
    assert again.executed() == {"k": 1, "d": 1}
    listed = again.get("/v1/payment_intents").body["data"]
    assert [one["id"] for one in listed][1] == made.body["id"]
    state.close()
