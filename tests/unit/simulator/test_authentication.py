"""3-D Secure: the final confirmation, and the state after a failed authentication."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stripe_flows.simulator.control import Control
from stripe_flows.simulator.http import HttpRequest
from tests.unit.simulator.simulated import Simulated, simulated

PATH = "/v1/payment_intents"
ASKED = {
    "amount": 2000,
    "currency": "usd",
    "confirm": "true",
    "payment_method": "pm_card_threeDSecure2Required",
}


def control(stripe: Simulated, verb: str, body: Any) -> tuple[int, Any]:
    request = HttpRequest("POST", f"/_sim/{verb}", "", {}, json.dumps(body).encode())
    reply = Control(stripe.simulation).answer(request)
    return reply.status, json.loads(reply.body)


def test_a_manual_confirmation_is_confirmed_once_more_by_the_server() -> None:
    stripe = simulated()
    made = stripe.post(PATH, ASKED | {"confirmation_method": "manual"}).body
    assert made["status"] == "requires_action"
    control(stripe, "authenticate", {"payment_intent": made["id"]})
    waiting = stripe.get(f"{PATH}/{made['id']}").body
    assert (waiting["status"], waiting["latest_charge"]) == ("requires_confirmation", None)
    done = stripe.post(f"{PATH}/{made['id']}/confirm", {"expand[]": "latest_charge"}).body
    assert done["status"] == "succeeded"
    secure = done["latest_charge"]["payment_method_details"]["card"]["three_d_secure"]
    assert secure["result"] == "authenticated"


def test_another_payment_method_has_to_be_authenticated_itself() -> None:
    stripe = simulated()
    made = stripe.post(PATH, ASKED | {"confirmation_method": "manual"}).body
    control(stripe, "authenticate", {"payment_intent": made["id"]})
    other = {"payment_method": "pm_card_threeDSecure2Required"}
    asked = stripe.post(f"{PATH}/{made['id']}/confirm", other).body
    assert asked["status"] == "requires_action"


def test_a_failed_authentication_leaves_no_charge() -> None:
    stripe = simulated()
    made = stripe.post(PATH, ASKED).body
    control(stripe, "authenticate", {"payment_intent": made["id"], "success": False})
    failed = stripe.get(f"{PATH}/{made['id']}").body
    assert (failed["status"], failed["latest_charge"]) == ("requires_payment_method", None)
    error = failed["last_payment_error"]
    assert error["type"] == "invalid_request_error"
    assert error["code"] == "payment_intent_authentication_failure"
    assert "charge" not in error
    assert stripe.get("/v1/charges").body["data"] == []
    types = [event["type"] for event in stripe.get("/v1/events").body["data"]]
    assert types[0] == "payment_intent.payment_failed"
    assert "charge.failed" not in types


def test_a_setup_fails_the_same_way() -> None:
    stripe = simulated()
    made = stripe.post(
        "/v1/setup_intents", {"confirm": "true", "payment_method": ASKED["payment_method"]}
    ).body
    control(stripe, "authenticate", {"setup_intent": made["id"], "success": False})
    error = stripe.get(f"/v1/setup_intents/{made['id']}").body["last_setup_error"]
    assert error["type"] == "invalid_request_error"
    assert error["code"] == "setup_intent_authentication_failure"


@pytest.mark.parametrize("body", [[1], {}, None, {"payment_intent": 1}])
def test_what_names_no_intent_is_one_clear_refusal(body: Any) -> None:
    status, answer = control(simulated(), "authenticate", body)
    assert status == 400
    assert "payment_intent" in answer["error"]
    assert "setup_intent" in answer["error"]
