"""Charges, refunds, disputes, setup intents, connected accounts, the balance, and their events."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulator.simulated import Answer, Simulated, simulated
from tests.unit.simulator.simulated_billing import control, types

INTENTS = "/v1/payment_intents"


def paid(stripe: Simulated, card: str = "pm_card_visa", **more: Any) -> dict[str, Any]:
    params = {"amount": 2000, "currency": "usd", "confirm": "true", "payment_method": card} | more
    answer = stripe.post(INTENTS, params)
    assert answer.status == 200, answer.body
    return answer.body


def refunded(stripe: Simulated, intent: dict[str, Any], **params: Any) -> Answer:
    return stripe.post("/v1/refunds", {"payment_intent": intent["id"]} | params)


def test_a_payment_leaves_a_charge_and_a_balance_transaction() -> None:
    stripe = simulated()
    intent = paid(stripe, **{"expand[]": "latest_charge.balance_transaction", "description": "Tea"})
    charge = intent["latest_charge"]
    assert (charge["amount"], charge["captured"], charge["paid"]) == (2000, True, True)
    assert (charge["payment_intent"], charge["description"]) == (intent["id"], "Tea")
    assert charge["payment_method_details"]["card"]["last4"] == "4242"
    moved = charge["balance_transaction"]
    assert (moved["amount"], moved["fee"], moved["net"]) == (2000, 88, 1912)
    assert moved["source"] == charge["id"]
    balance = stripe.get("/v1/balance").body
    assert balance["pending"][0]["amount"] == 1912
    paid(stripe, "pm_card_bypassPending")
    assert stripe.get("/v1/balance").body["available"][0]["amount"] == 1912


def test_a_refund_takes_what_is_left_and_no_more() -> None:
    stripe = simulated()
    intent = paid(stripe)
    part = refunded(stripe, intent, amount=500, reason="requested_by_customer")
    assert (part.body["status"], part.body["amount"]) == ("succeeded", 500)
    assert part.body["reason"] == "requested_by_customer"
    charge = stripe.get(f"/v1/charges/{intent['latest_charge']}").body
    assert (charge["amount_refunded"], charge["refunded"]) == (500, False)
    assert refunded(stripe, intent, amount=1501).error["param"] == "amount"
    assert refunded(stripe, intent).body["amount"] == 1500
    again = refunded(stripe, intent)
    assert (again.status, again.error["code"]) == (400, "charge_already_refunded")
    full = stripe.get(
        f"/v1/charges/{intent['latest_charge']}", {"expand[]": "refunds"}
    ).body  # fmt: skip
    assert full["refunded"] is True
    assert [one["amount"] for one in full["refunds"]["data"]] == [1500, 500]
    assert types(stripe)[-2:] == ["refund.created", "charge.refunded"]


def test_what_was_never_paid_cannot_be_refunded() -> None:
    stripe = simulated()
    made = stripe.post(INTENTS, {"amount": 2000, "currency": "usd"}).body
    assert refunded(stripe, made).status == 400
    assert stripe.post("/v1/refunds", {}).error["param"] == "payment_intent"
    assert stripe.post("/v1/refunds", {"charge": "ch_none"}).error["code"] == "resource_missing"


@pytest.mark.parametrize("evidence", ["winning_evidence", "losing_evidence"])
def test_a_disputed_payment_is_won_or_lost_by_its_evidence(evidence: str) -> None:
    stripe = simulated()
    intent = paid(stripe, "pm_card_createDispute")
    found = stripe.get("/v1/disputes", {"payment_intent": intent["id"]}).body["data"]
    assert [(one["status"], one["reason"]) for one in found] == [("needs_response", "fraudulent")]
    assert refunded(stripe, intent).error["code"] == "charge_disputed"
    answered = stripe.post(
        f"/v1/disputes/{found[0]['id']}", {"evidence[uncategorized_text]": evidence}
    ).body
    assert answered["status"] == ("won" if evidence == "winning_evidence" else "lost")
    assert answered["evidence"]["uncategorized_text"] == evidence
    told = types(stripe)
    assert "charge.dispute.created" in told
    assert "charge.dispute.closed" in told
    assert ("charge.dispute.funds_reinstated" in told) == (evidence == "winning_evidence")
    assert stripe.post(f"/v1/disputes/{found[0]['id']}/close").status == 400


def test_a_setup_intent_makes_a_card_ready() -> None:
    stripe = simulated()
    made = stripe.post("/v1/setup_intents", {"customer": "cus_1"}).body
    assert (made["status"], made["usage"]) == ("requires_payment_method", "off_session")
    path = f"/v1/setup_intents/{made['id']}"
    assert stripe.post(f"{path}/confirm").error["code"] == "setup_intent_unexpected_state"
    done = stripe.post(f"{path}/confirm", {"payment_method": "pm_card_visa"}).body
    assert done["status"] == "succeeded"
    attached = stripe.get("/v1/payment_methods", {"customer": "cus_1"}).body["data"]
    assert [one["id"] for one in attached] == [done["payment_method"]]
    assert stripe.post(f"{path}/cancel").error["code"] == "setup_intent_unexpected_state"
    assert types(stripe)[-1] == "setup_intent.succeeded"


def test_a_setup_intent_is_declined_or_asks_for_authentication() -> None:
    stripe = simulated()
    given = {"customer": "cus_1", "confirm": "true"}
    declined = stripe.post(
        "/v1/setup_intents", given | {"payment_method": "pm_card_chargeDeclined"}
    )
    assert (declined.status, declined.error["code"]) == (402, "card_declined")
    kept = stripe.get(f"/v1/setup_intents/{declined.error['setup_intent']['id']}").body
    assert kept["last_setup_error"]["decline_code"] == "generic_decline"
    asks = given | {"payment_method": "pm_card_authenticationRequired"}
    waiting = stripe.post("/v1/setup_intents", asks).body
    assert waiting["status"] == "requires_action"
    assert control(stripe, "authenticate", setup_intent=waiting["id"]) == 200
    assert stripe.get(f"/v1/setup_intents/{waiting['id']}").body["status"] == "succeeded"


def test_a_payment_method_belongs_to_one_customer() -> None:
    stripe = simulated()
    made = stripe.post(
        "/v1/payment_methods", {"type": "card", "card[token]": "tok_mastercard"}
    ).body
    assert (made["card"]["brand"], made["customer"]) == ("mastercard", None)
    path = f"/v1/payment_methods/{made['id']}"
    assert stripe.post(f"{path}/attach", {"customer": "cus_1"}).body["customer"] == "cus_1"
    other = stripe.post("/v1/customers").body["id"]
    assert stripe.post(f"{path}/attach", {"customer": other}).status == 400
    default = {"invoice_settings[default_payment_method]": made["id"]}
    stripe.post("/v1/customers/cus_1", default)
    assert stripe.post(f"{path}/detach").body["customer"] is None
    settings = stripe.get("/v1/customers/cus_1").body["invoice_settings"]
    assert settings["default_payment_method"] is None
    assert stripe.post(f"{path}/detach").status == 400
    declined = stripe.post(
        "/v1/payment_methods/pm_card_chargeDeclined/attach", {"customer": "cus_1"}
    )
    assert (declined.status, declined.error["type"]) == (402, "card_error")


def test_a_charge_by_token_is_captured_later() -> None:
    stripe = simulated()
    params = {"amount": 2000, "currency": "usd", "source": "tok_visa", "capture": "false"}
    made = stripe.post("/v1/charges", params).body
    assert (made["status"], made["captured"], made["amount_captured"]) == ("succeeded", False, 0)
    taken = stripe.post(f"/v1/charges/{made['id']}/capture", {"amount": 1500}).body
    assert (taken["captured"], taken["amount_captured"]) == (True, 1500)
    assert stripe.post(f"/v1/charges/{made['id']}/capture").error["code"] == (
        "charge_already_captured"
    )
    declined = stripe.post("/v1/charges", params | {"source": "tok_chargeDeclined"})
    assert (declined.status, declined.error["code"]) == (402, "card_declined")
    kept = stripe.get(f"/v1/charges/{declined.error['charge']}").body
    assert (kept["status"], kept["failure_code"]) == ("failed", "card_declined")


def test_a_hold_can_be_taken_in_parts_or_let_go() -> None:
    stripe = simulated()
    held = paid(stripe, capture_method="manual")
    path = f"{INTENTS}/{held['id']}"
    first = stripe.post(
        f"{path}/capture", {"amount_to_capture": 500, "final_capture": "false"}
    ).body
    assert (first["status"], first["amount_capturable"]) == ("requires_capture", 1500)
    last = stripe.post(f"{path}/capture").body
    assert (last["status"], last["amount_received"]) == ("succeeded", 2000)
    moved = stripe.get("/v1/balance_transactions").body["data"]
    assert [one["amount"] for one in moved] == [1500, 500]
    other = paid(stripe, capture_method="manual")
    assert stripe.post(f"{INTENTS}/{other['id']}/cancel").body["status"] == "canceled"
    charge = stripe.get(f"/v1/charges/{other['latest_charge']}").body
    assert (charge["captured"], charge["refunded"], charge["amount_refunded"]) == (False, False, 0)
    assert stripe.get("/v1/refunds").body["data"] == []


def test_a_connected_account_has_objects_of_its_own() -> None:
    stripe = simulated()
    account = stripe.post(
        "/v1/accounts", {"type": "express", "capabilities[transfers][requested]": "true"}
    ).body
    assert account["capabilities"] == {"transfers": "inactive"}
    headers = {"Stripe-Account": account["id"]}
    theirs = stripe.post("/v1/customers", {"name": "Ada"}, headers=headers).body
    assert stripe.get(f"/v1/customers/{theirs['id']}").status == 404
    found = stripe.get("/v1/customers", headers=headers).body["data"]
    assert [one["id"] for one in found] == [theirs["id"]]
    assert stripe.get("/v1/account", headers=headers).body["id"] == account["id"]
    event = stripe.get("/v1/events", headers=headers).body["data"][0]
    assert (event["type"], event["account"]) == ("customer.created", account["id"])
    params = {
        "amount": 2000, "currency": "usd", "confirm": "true", "payment_method": "pm_card_visa",
        "application_fee_amount": 200,
    }  # fmt: skip
    stripe.post(INTENTS, params, headers=headers)
    fee = stripe.get("/v1/application_fees").body["data"][0]
    assert (fee["amount"], fee["account"]) == (200, account["id"])
    wrong = stripe.get("/v1/customers", headers={"Stripe-Account": "cus_1"})
    assert (wrong.status, wrong.error["code"]) == (403, "account_invalid")


def test_a_destination_gets_its_share_and_can_lose_it_again() -> None:
    stripe = simulated()
    share: dict[str, Any] = {
        "transfer_data[destination]": "acct_1",
        "transfer_data[amount]": 1500,
    }
    intent = paid(stripe, **share)
    charge = stripe.get(f"/v1/charges/{intent['latest_charge']}", {"expand[]": "transfer"}).body
    transfer = charge["transfer"]
    assert (transfer["amount"], transfer["destination"]) == (1500, "acct_1")
    received = stripe.get(
        f"/v1/charges/{transfer['destination_payment']}", headers={"Stripe-Account": "acct_1"}
    ).body
    assert (received["amount"], received["source_transfer"]) == (1500, transfer["id"])
    path = f"/v1/transfers/{transfer['id']}"
    assert stripe.post(f"{path}/reversals", {"amount": 500}).body["amount"] == 500
    assert stripe.post(f"{path}/reversals", {"amount": 1001}).error["param"] == "amount"
    assert stripe.get(path).body["amount_reversed"] == 500
    assert len(stripe.get(f"{path}/reversals").body["data"]) == 1


def test_events_tell_of_each_step_in_order_and_of_the_request() -> None:
    stripe = simulated()
    stripe.post("/v1/customers/cus_1", {"name": "Ada"}, key="k1")
    params = {"amount": 2000, "currency": "usd", "customer": "cus_1", "confirm": "true"}
    stripe.post(INTENTS, params | {"payment_method": "pm_card_visa"}, key="k2")
    stripe.post(INTENTS, params | {"payment_method": "pm_card_chargeDeclined"}, key="k3")
    assert types(stripe)[1:] == [
        "customer.updated",
        "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
        "payment_intent.created", "charge.failed", "payment_intent.payment_failed",
    ]  # fmt: skip
    changed = stripe.get("/v1/events", {"type": "customer.updated"}).body["data"][0]
    assert changed["data"]["previous_attributes"] == {"name": None}
    assert changed["data"]["object"]["name"] == "Ada"
    assert changed["request"]["idempotency_key"] == "k1"
    assert changed["request"]["id"].startswith("req_")
    assert stripe.get(f"/v1/events/{changed['id']}").body == changed
    newest = stripe.get("/v1/events", {"limit": 2}).body
    assert newest["has_more"] is True
    rest = {"starting_after": newest["data"][1]["id"], "limit": 100}
    assert len(stripe.get("/v1/events", rest).body["data"]) == 6
    before = {"ending_before": newest["data"][1]["id"]}
    assert stripe.get("/v1/events", before).body["data"] == newest["data"][:1]
    assert types(stripe, **{"types[]": "charge.*"}) == ["charge.succeeded", "charge.failed"]
    assert stripe.get("/v1/events/evt_none").status == 404


def test_a_search_finds_by_field_metadata_and_comparison() -> None:
    stripe = simulated()
    for amount, order in ((500, "7"), (1500, "8"), (2500, "9")):
        stripe.post(INTENTS, {"amount": amount, "currency": "usd", "metadata[order]": order})

    def found(query: str, **more: Any) -> list[int]:
        body = stripe.get(f"{INTENTS}/search", {"query": query} | more).body
        assert body["object"] == "search_result"
        return [one["amount"] for one in body["data"]]

    assert found("metadata['order']:'8'") == [1500]
    assert found('amount>1000 AND -metadata["order"]:"9"') == [1500]
    assert found('amount<=500 OR metadata["order"]:"9"') == [2500, 500]
    assert found("status:'requires_payment_method' AND customer:null") == [2500, 1500, 500]
    assert found("amount>1000 currency:'usd'") == [2500, 1500]
    page = stripe.get(f"{INTENTS}/search", {"query": "amount>0", "limit": 2}).body
    assert (page["has_more"], len(page["data"])) == (True, 2)
    assert found("amount>0", limit=2, page=page["next_page"]) == [500]
    for wrong in (
        "amount",
        "amount>1 XOR amount<2",
        "amount:1 AND amount:2 OR created:3",
        "status:'open",
    ):
        refused = stripe.get(f"{INTENTS}/search", {"query": wrong})
        assert (refused.status, refused.error["param"]) == (400, "query"), wrong


def test_control_makes_what_stripe_makes_by_itself() -> None:
    stripe = simulated()
    fields = {"charge": "ch_1", "fraud_type": "misc"}
    assert control(stripe, "make", resource="radar.early_fraud_warning", fields=fields) == 200
    assert stripe.get("/v1/radar/early_fraud_warnings").body["data"][0]["fraud_type"] == "misc"
    assert types(stripe)[-1] == "radar.early_fraud_warning.created"
    assert control(stripe, "make", resource="radar.early_fraud_warming") == 400


@pytest.mark.parametrize("prepared", ["setup_intent", "payment", "nothing"])
def test_a_card_to_be_authenticated_once_pays_later_without(prepared: str) -> None:
    stripe = simulated()
    name = "pm_card_authenticationRequiredOnSetup"
    method = stripe.post(f"/v1/payment_methods/{name}/attach", {"customer": "cus_1"}).body["id"]
    given = {"customer": "cus_1", "payment_method": method, "confirm": "true"}
    if prepared == "setup_intent":
        waiting = stripe.post("/v1/setup_intents", given).body
        assert control(stripe, "authenticate", setup_intent=waiting["id"]) == 200
    elif prepared == "payment":
        first = {"amount": 500, "currency": "usd", "setup_future_usage": "off_session"}
        waiting = stripe.post(INTENTS, given | first).body
        assert waiting["status"] == "requires_action"
        assert control(stripe, "authenticate", payment_intent=waiting["id"]) == 200
    later = {"amount": 500, "currency": "usd", "off_session": "true"}
    answer = stripe.post(INTENTS, given | later)
    if prepared == "nothing":
        assert (answer.status, answer.error["code"]) == (402, "authentication_required")
    else:
        assert (answer.status, answer.body["status"]) == (200, "succeeded")


def test_what_a_partial_capture_leaves_is_let_go() -> None:
    stripe = simulated()
    intent = stripe.post(
        "/v1/payment_intents",
        {
            "amount": 1000,
            "currency": "usd",
            "confirm": "true",
            "payment_method": "pm_card_visa",
            "capture_method": "manual",
        },
    ).body
    path = f"/v1/payment_intents/{intent['id']}"
    stripe.post(f"{path}/capture", {"amount_to_capture": 600})
    charge = stripe.get(f"/v1/charges/{intent['latest_charge']}").body
    assert (charge["amount_captured"], charge["amount_refunded"]) == (600, 0)
    assert charge["refunded"] is False
    assert stripe.post("/v1/refunds", {"payment_intent": intent["id"]}).body["amount"] == 600
    charge = stripe.get(f"/v1/charges/{intent['latest_charge']}").body
    assert (charge["amount_refunded"], charge["refunded"]) == (600, True)


def test_an_event_shows_that_a_key_of_the_metadata_is_new() -> None:
    stripe = simulated()
    stripe.post("/v1/customers/cus_1", {"metadata[old]": "1"})
    stripe.post("/v1/customers/cus_1", {"metadata[new]": "2"})
    told = stripe.get("/v1/events").body["data"]
    changed = [
        one["data"]["previous_attributes"] for one in told if one["type"].endswith("updated")
    ]
    assert changed == [{"metadata": {"new": None}}, {"metadata": {"old": None}}]
