"""Faults: when they fire, whether the request is executed, and their ledger entries."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from stripe_flows.simulator.http import Reset, Silence
from stripe_flows.simulator.requests.faults import Stage
from stripe_flows.simulator.requests.ledger import fingerprint
from tests.unit.simulator.simulated import KEY, Simulated, simulated

INTENT = {"amount": 2000, "currency": "usd"}


def met(stripe: Simulated, rule: dict[str, Any], key: str = "k") -> object:
    stripe.simulation.faults.add([rule])
    return asyncio.run(stripe.outcome("POST", "/v1/payment_intents", INTENT, key=key))


@pytest.mark.parametrize(
    ("kind", "outcome", "done"),
    [
        ("timeout_before", Silence(7), 0),
        ("timeout_after", Silence(7), 1),
        ("reset_before", Reset(), 0),
        ("reset_after", Reset(), 1),
    ],
)
def test_a_lost_answer_says_nothing_about_the_effect(kind: str, outcome: object, done: int) -> None:
    stripe = simulated()
    assert met(stripe, {"kind": kind, "times": 1, "seconds": 7}) == outcome
    assert sum(stripe.executed().values()) == done
    again = stripe.post("/v1/payment_intents", INTENT, key="k")
    assert again.status == 200
    assert again.headers.get("Idempotent-Replayed") == ("true" if done else None)
    assert stripe.executed() == {"k": 1}
    first, second = (entry.as_json() for entry in stripe.simulation.ledger.after(0, None, None))
    assert (first["fault"], first["status"], first["executed"]) == (kind, None, bool(done))
    assert (second["fault"], second["status"], second["replayed"]) == (None, 200, bool(done))


def test_a_rule_fires_as_often_as_it_says_and_only_for_its_operation() -> None:
    stripe = simulated()
    rule = {"kind": "rate_429", "operation": "POST /v1/payment_intents", "times": 2}
    stripe.simulation.faults.add([rule])
    assert stripe.post("/v1/customers").status == 200
    asked = [stripe.post("/v1/payment_intents", INTENT).status for _ in range(3)]
    assert asked == [429, 429, 200]
    assert [(left["times"], left["fired"]) for left in stripe.simulation.faults.as_json()] == [
        (0, 2)
    ]


@pytest.mark.parametrize(
    "operation",
    [
        "confirm_payment_intent",
        "POST /v1/payment_intents/{intent}/confirm",
        "POST /v1/payment_intents/pi_1/confirm",
    ],
)
def test_an_operation_may_be_named_in_three_ways(operation: str) -> None:
    stripe = simulated()
    stripe.simulation.faults.add([{"kind": "error_503", "operation": operation}])
    assert stripe.post("/v1/payment_intents/pi_1/confirm").status == 503
    assert stripe.post("/v1/payment_intents/pi_1/cancel").status == 404


def test_the_same_seed_draws_the_same_faults() -> None:
    def drawn(seed: int) -> list[bool]:
        stripe = simulated()
        stripe.simulation.faults.seed(seed)
        stripe.simulation.faults.add([{"kind": "error_503", "probability": 0.5}])
        draw = stripe.simulation.faults.draw
        return [draw(Stage.ARRIVAL, "", "GET", "/") is not None for _ in range(64)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert 10 < sum(drawn(1)) < 54


def test_a_429_carries_its_reason_and_retry_after() -> None:
    stripe = simulated()
    stripe.simulation.faults.add(
        [
            {"kind": "rate_429", "times": 1, "retry_after": 3},
            {"kind": "rate_429", "code": "lock_timeout"},
        ]
    )
    rate, lock = (stripe.post("/v1/payment_intents", INTENT) for _ in range(2))
    assert (rate.error["code"], rate.headers["Retry-After"]) == ("rate_limit", "3")
    assert rate.headers["Stripe-Rate-Limited-Reason"] == "global-rate"
    assert (lock.error["code"], lock.headers["Stripe-Should-Retry"]) == ("lock_timeout", "true")
    assert "Stripe-Rate-Limited-Reason" not in lock.headers


def test_a_500_after_the_effect_needs_an_effect() -> None:
    stripe = simulated()
    stripe.simulation.faults.add([{"kind": "error_500_after", "times": 1}])
    assert stripe.post("/v1/payment_intents", {"currency": "usd"}).status == 400
    assert stripe.get("/v1/customers/cus_1").status == 200
    assert stripe.post("/v1/payment_intents", INTENT).status == 500


def test_a_slow_execution_keeps_the_key_in_use() -> None:
    async def both() -> tuple[int, int]:
        stripe = simulated()
        stripe.simulation.faults.add([{"kind": "slow", "seconds": 0.05, "times": 1}])
        slow = asyncio.create_task(stripe.asked("POST", "/v1/customers", key="k"))
        await asyncio.sleep(0)
        other = await stripe.asked("POST", "/v1/customers", key="k")
        return (await slow).status, other.status

    assert asyncio.run(both()) == (200, 409)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"kind": "timeout_befor"}, "did you mean 'timeout_before'?"),
        ({"kind": "slow", "secods": 1}, "did you mean 'seconds'?"),
        ({"kind": "slow", "operation": "POST /v1/payment_intent"}, "did you mean"),
        ({"kind": "slow", "probability": 2}, "between 0 and 1"),
        ({"kind": "slow", "times": "two"}, "times"),
        ("slow", "must be an object"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_reason(rule: Any, said: str) -> None:
    stripe = simulated()
    with pytest.raises(ValueError, match=re.escape(said)):
        stripe.simulation.faults.add([{"kind": "slow"}, rule])
    assert stripe.simulation.faults.as_json() == []


@pytest.mark.parametrize(
    ("secret", "code"),
    [
        (None, None),
        ("pk_test_1", None),
        ("sk_live_1", None),
        ("nonsense", None),
        ("sk_test_invalid", None),
        ("sk_test_expired", "api_key_expired"),
    ],
)
def test_a_key_that_is_none_is_a_401(secret: str | None, code: str | None) -> None:
    stripe = simulated()
    refused = stripe.post("/v1/customers", secret=secret, key="k")
    assert (refused.status, refused.error["type"]) == (401, "invalid_request_error")
    assert refused.error.get("code") == code
    assert secret is None or secret not in str(refused.body)
    assert stripe.executed() == {}


def test_the_ledger_shows_what_was_received_and_no_key() -> None:
    stripe = simulated()
    headers = {
        "Stripe-Account": "acct_1",
        "Stripe-Version": "2026-10-28.endive",
        "Content-Type": "text/plain",
    }
    params = {"items[0][price]": "price_1", "customer": "cus_1"}
    stripe.post("/v1/subscriptions", params, key="k", headers=headers)
    stripe.get("/v1/customers", {"limit": 3}, secret="rk_test_other")
    stripe.get("/v1/prices", secret=None, headers={"Authorization": KEY})
    entries = [entry.as_json() for entry in stripe.simulation.ledger.after(0, None, None)]
    assert KEY not in str(entries)
    first, second, bare = entries
    assert (first["authorization"], bare["authorization"]) == ("Bearer", None)
    assert (first["content_type"], second["content_type"]) == ("text/plain", None)
    assert first["params"] == {"items": [{"price": "price_1"}], "customer": "cus_1"}
    assert first["body"] == "items%5B0%5D%5Bprice%5D=price_1&customer=cus_1"
    assert first["key_fingerprint"] == fingerprint(KEY) != second["key_fingerprint"]
    assert (first["n"], first["method"], first["path"]) == (1, "POST", "/v1/subscriptions")
    assert (first["idempotency_key"], first["stripe_account"]) == ("k", "acct_1")
    assert (first["status"], first["executed"], first["object"]) == (400, False, None)
    assert (second["n"], second["params"], second["status"]) == (2, {"limit": "3"}, 200)
    assert [e.n for e in stripe.simulation.ledger.after(1, None, None)] == [2, 3]
    assert [e.n for e in stripe.simulation.ledger.after(0, "create_subscription", None)] == [1]
    assert [e.n for e in stripe.simulation.ledger.after(0, "GET /v1/customers", None)] == [2]
