"""Connected accounts from their onboarding on, and reversals with refunds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stripe_flows.simulator.control import Control
from stripe_flows.simulator.http import HttpRequest
from stripe_flows.simulator.types import Fields
from tests.unit.simulator.simulated import Simulated, simulated

ENABLED = ("charges_enabled", "details_submitted", "payouts_enabled")


def onboard(stripe: Simulated, account: str) -> None:
    body = json.dumps({"account": account}).encode()
    reply = Control(stripe.simulation).answer(HttpRequest("POST", "/_sim/onboard", "", {}, body))
    assert reply.status == 200, reply.body


def sold(stripe: Simulated, **params: Any) -> Fields:
    params = {
        "amount": 10_000,
        "currency": "usd",
        "confirm": "true",
        "payment_method": "pm_card_visa",
        "application_fee_amount": 1000,
        "transfer_data[destination]": "acct_1",
        "expand[]": "latest_charge.transfer",
    } | params
    return stripe.post("/v1/payment_intents", params).body


@pytest.mark.parametrize(
    "params",
    [{"type": "express"}, {"type": "standard"}, {}, {"controller[fees][payer]": "application"}],
)
def test_an_account_is_enabled_by_its_onboarding(params: Fields) -> None:
    stripe = simulated()
    wanted = {"capabilities[transfers][requested]": "true"}
    made = stripe.post("/v1/accounts", params | wanted).body
    assert {made[name] for name in ENABLED} == {False}
    assert "external_account" in made["requirements"]["currently_due"]
    assert made["requirements"]["disabled_reason"] == "requirements.past_due"
    assert made["capabilities"] == {"transfers": "inactive"}

    onboard(stripe, made["id"])
    done = stripe.get(f"/v1/accounts/{made['id']}").body
    assert {done[name] for name in ENABLED} == {True}
    assert done["requirements"]["currently_due"] == []
    assert done["capabilities"] == {"transfers": "active"}
    assert stripe.get("/v1/events").body["data"][0]["type"] == "account.updated"
    more = {"capabilities[card_payments][requested]": "true"}
    changed = stripe.post(f"/v1/accounts/{made['id']}", more).body
    assert changed["capabilities"] == {"transfers": "active", "card_payments": "active"}


def test_a_custom_account_is_taken_as_complete() -> None:
    made = simulated().post("/v1/accounts", {"type": "custom"}).body
    assert made["charges_enabled"]
    assert made["requirements"]["currently_due"] == []


def test_an_account_of_others_is_hidden() -> None:
    for path in ("acct_1Nobodys000000000", "nobody"):
        answer = simulated().get(f"/v1/accounts/{path}")
        assert (answer.status, answer.error["code"]) == (403, "account_invalid")


def test_an_onboarding_link_is_new_and_lasts_for_minutes() -> None:
    stripe = simulated()
    account = stripe.post("/v1/accounts", {"type": "express"}).body["id"]
    params = {
        "account": account,
        "type": "account_onboarding",
        "refresh_url": "https://example.com/again",
        "return_url": "https://example.com/done",
    }
    first = stripe.post("/v1/account_links", params).body
    second = stripe.post("/v1/account_links", params).body
    assert first["expires_at"] > first["created"] > 0
    assert first["url"] != second["url"]


def test_a_destination_charge_has_a_transfer_group() -> None:
    paid = sold(simulated())
    group = f"group_{paid['id']}"
    assert paid["transfer_group"] == group
    assert paid["latest_charge"]["transfer_group"] == group
    assert paid["latest_charge"]["transfer"]["transfer_group"] == group


def test_a_refund_takes_back_the_transfer_and_the_fee_in_proportion() -> None:
    stripe = simulated()
    paid = sold(stripe)
    charge = paid["latest_charge"]
    both = {"reverse_transfer": "true", "refund_application_fee": "true"}
    part = {"payment_intent": paid["id"], "amount": 2500, "expand[]": "transfer_reversal"}
    refund = stripe.post("/v1/refunds", part | both).body
    assert refund["transfer_reversal"]["amount"] == 2500
    assert refund["transfer_reversal"]["source_refund"] == refund["id"]
    fee = stripe.get(f"/v1/application_fees/{charge['application_fee']}").body
    assert (fee["amount_refunded"], fee["refunded"]) == (250, False)

    stripe.post("/v1/refunds", {"payment_intent": paid["id"]} | both)
    transfer = stripe.get(f"/v1/transfers/{charge['transfer']['id']}").body
    assert (transfer["amount_reversed"], transfer["reversed"]) == (10_000, True)
    fee = stripe.get(f"/v1/application_fees/{charge['application_fee']}").body
    assert (fee["amount_refunded"], fee["refunded"]) == (1000, True)


def test_a_refund_by_itself_takes_back_nothing() -> None:
    stripe = simulated()
    paid = sold(stripe)
    refund = stripe.post("/v1/refunds", {"payment_intent": paid["id"]}).body
    assert refund["transfer_reversal"] is None
    assert stripe.get("/v1/transfers").body["data"][0]["amount_reversed"] == 0


@pytest.mark.parametrize("name", ["reverse_transfer", "refund_application_fee"])
def test_what_was_not_given_is_not_taken_back(name: str) -> None:
    stripe = simulated()
    plain = {"amount": 500, "currency": "usd", "confirm": "true", "payment_method": "pm_card_visa"}
    paid = stripe.post("/v1/payment_intents", plain).body
    answer = stripe.post("/v1/refunds", {"payment_intent": paid["id"], name: "true"})
    assert (answer.status, answer.error["param"]) == (400, name)


def test_a_webhook_endpoint_tells_its_secret_once() -> None:
    stripe = simulated()
    params = {"url": "https://example.com/hook", "enabled_events[]": "*"}
    made = stripe.post("/v1/webhook_endpoints", params, key="k1").body
    assert made["secret"].startswith("whsec_")
    assert stripe.get(f"/v1/webhook_endpoints/{made['id']}").body["secret"] is None
    assert stripe.post("/v1/webhook_endpoints", params, key="k1").body == made


def test_an_ephemeral_key_has_a_secret_and_an_end() -> None:
    stripe = simulated()
    made = stripe.post("/v1/ephemeral_keys", {"customer": "cus_1"}).body
    assert made["secret"].startswith("ek_test_")
    assert made["expires"] > made["created"]
