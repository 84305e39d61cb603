"""Stripe's test cards: each behaves as the testing page says."""

from __future__ import annotations

from typing import Any

import pytest

from stripe_flows.simulator.payments.cards import NAMED, named_card, numbered_card
from tests.unit.simulator.simulated import Answer, Simulated, simulated
from tests.unit.simulator.simulated_billing import control, types


def paid(stripe: Simulated, card: str, **params: Any) -> Answer:
    given = {"amount": 2000, "currency": "usd", "confirm": "true", "payment_method": card}
    return stripe.post("/v1/payment_intents", given | params)


def charge_of(stripe: Simulated, card: str) -> dict[str, Any]:
    found = stripe.get(f"/v1/charges/{paid(stripe, card).body['latest_charge']}")
    assert found.status == 200
    return found.body


DECLINING = """
visa_chargeDeclined 4000000000000002 card_declined generic_decline later
chargeDeclinedInsufficientFunds 4000000000009995 card_declined insufficient_funds later
visa_chargeDeclinedLostCard 4000000000009987 card_declined lost_card never
visa_chargeDeclinedStolenCard 4000000000009979 card_declined stolen_card never
chargeDeclinedExpiredCard 4000000000000069 expired_card expired_card never
chargeDeclinedIncorrectCvc 4000000000000127 incorrect_cvc incorrect_cvc data
chargeDeclinedProcessingError 4000000000000119 processing_error processing_error later
chargeDeclinedVelocityLimitExceeded 4000000000006975 card_declined card_velocity_exceeded later
radarBlock 4100000000000019 card_declined fraudulent never
"""
"""Name, number, code, decline code, advice."""

ADVICE = {"later": "try_again_later", "never": "do_not_try_again", "data": "confirm_card_data"}


@pytest.mark.parametrize("row", DECLINING.strip().splitlines())
def test_a_declining_card_gives_its_codes(row: str) -> None:
    card, number, code, decline_code, advice = row.split()
    stripe = simulated()
    typed = stripe.post("/v1/payment_methods", {"type": "card", "card[number]": number}).body["id"]
    for method in (f"pm_card_{card}", typed):
        refused = paid(stripe, method)
        assert refused.status == 402
        error = refused.error
        assert (error["type"], error["code"]) == ("card_error", code)
        assert (error["decline_code"], error["advice_code"]) == (decline_code, ADVICE[advice])
        intent = error["payment_intent"]
        assert intent["status"] == "requires_payment_method"
        assert intent["last_payment_error"]["decline_code"] == decline_code
    refused = stripe.post(f"/v1/payment_methods/pm_card_{card}/attach", {"customer": "cus_1"})
    assert (refused.status, refused.error["code"]) == (402, code)


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_number_is_the_same_card_as_its_name(name: str) -> None:
    card = named_card(f"pm_card_{name}")
    assert card is not None
    known = numbered_card(card.number)
    # Some names stand for one number; then they do the same.
    assert (known.decline, known.authentication, known.disputes, known.refund) == (
        card.decline,
        card.authentication,
        card.disputes,
        card.refund,
    )


def test_a_country_has_its_card_and_what_ends_like_a_declining_one_pays() -> None:
    stripe = simulated()
    made = charge_of(stripe, "pm_card_br")
    card = made["payment_method_details"]["card"]
    assert (card["country"], card["last4"], made["status"]) == ("BR", "0002", "succeeded")
    assert paid(stripe, "pm_card_zz").error["code"] == "resource_missing"


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({"number": "4242424242424241"}, "incorrect_number", "number"),
        ({"exp_month": 13}, "invalid_expiry_month", "exp_month"),
        ({"exp_month": 1, "exp_year": 2001}, "invalid_expiry_year", "exp_year"),
        ({"cvc": "99"}, "invalid_cvc", "cvc"),
    ],
)
def test_card_data_that_cannot_be_is_refused(given: dict[str, Any], code: str, param: str) -> None:
    card = {"number": "4242424242424242"} | given
    params = {"type": "card"} | {f"card[{name}]": value for name, value in card.items()}
    refused = simulated().post("/v1/payment_methods", params)
    assert (refused.status, refused.error["code"], refused.error["param"]) == (402, code, param)


def test_a_blocked_payment_never_reaches_the_bank() -> None:
    stripe = simulated()
    refused = paid(stripe, "pm_card_riskLevelHighest").error
    charge = stripe.get(f"/v1/charges/{refused['charge']}").body
    assert charge["outcome"]["type"] == "blocked"
    assert charge["outcome"]["network_status"] == "not_sent_to_network"
    assert charge["outcome"]["risk_level"] == "highest"
    assert charge_of(stripe, "pm_card_riskLevelElevated")["outcome"]["risk_level"] == "elevated"


def test_checks_fail_where_the_card_says_so() -> None:
    stripe = simulated()
    checks = charge_of(stripe, "pm_card_avsFail")["payment_method_details"]["card"]["checks"]
    assert (checks["address_line1_check"], checks["address_postal_code_check"]) == ("fail", "fail")
    checks = charge_of(stripe, "pm_card_cvcCheckFail")["payment_method_details"]["card"]["checks"]
    assert checks["cvc_check"] == "fail"


@pytest.mark.parametrize(
    ("card", "first", "last", "event"),
    [
        ("pm_card_pendingRefund", "pending", "succeeded", "refund.updated"),
        ("pm_card_refundFail", "succeeded", "failed", "refund.failed"),
    ],
)
def test_a_refund_is_done_with_later(card: str, first: str, last: str, event: str) -> None:
    stripe = simulated()
    intent = paid(stripe, card).body
    refund = stripe.post("/v1/refunds", {"payment_intent": intent["id"]}).body
    assert refund["status"] == first
    assert event not in types(stripe)
    assert control(stripe, "settle", object=refund["id"]) == 200
    found = stripe.get(f"/v1/refunds/{refund['id']}").body
    assert found["status"] == last
    assert event in types(stripe)
    charge = stripe.get(f"/v1/charges/{intent['latest_charge']}").body
    failed = last == "failed"
    assert charge["amount_refunded"] == (0 if failed else 2000)
    assert (found["failure_balance_transaction"] is not None) == failed


@pytest.mark.parametrize(
    ("card", "kinds"),
    [
        ("createDispute", [("fraudulent", "needs_response")]),
        ("createDisputeProductNotReceived", [("product_not_received", "needs_response")]),
        ("createDisputeInquiry", [("fraudulent", "warning_needs_response")]),
        ("createMultipleDisputes", [("fraudulent", "needs_response")] * 2),
        ("createComplianceDispute", [("noncompliant", "needs_response")]),
    ],
)
def test_a_card_brings_its_disputes(card: str, kinds: list[tuple[str, str]]) -> None:
    stripe = simulated()
    charge = charge_of(stripe, f"pm_card_{card}")
    assert charge["disputed"] is True
    found = stripe.get("/v1/disputes", {"charge": charge["id"]}).body["data"]
    assert [(one["reason"], one["status"]) for one in found] == kinds


@pytest.mark.parametrize(
    ("text", "status", "withdrawn"),
    [
        ("escalate_inquiry_evidence", "needs_response", True),
        ("losing_evidence", "warning_closed", False),
    ],
)
def test_an_inquiry_is_escalated_or_closed(text: str, status: str, withdrawn: bool) -> None:
    stripe = simulated()
    charge = charge_of(stripe, "pm_card_createDisputeInquiry")
    dispute = stripe.get("/v1/disputes", {"charge": charge["id"]}).body["data"][0]
    evidence = {"evidence[uncategorized_text]": text, "submit": "true"}
    answered = stripe.post(f"/v1/disputes/{dispute['id']}", evidence).body
    assert answered["status"] == status
    assert bool(answered["balance_transactions"]) == withdrawn


def test_an_early_fraud_warning_comes_with_its_card() -> None:
    stripe = simulated()
    charge = charge_of(stripe, "pm_card_createIssuerFraudRecord")
    found = stripe.get("/v1/radar/early_fraud_warnings", {"charge": charge["id"]}).body["data"]
    assert [one["actionable"] for one in found] == [True]
    assert "radar.early_fraud_warning.created" in types(stripe)


def test_a_card_that_was_set_up_is_not_asked_again_off_session() -> None:
    stripe = simulated()
    card = "pm_card_authenticationRequiredOnSetup"
    asked = paid(stripe, card, customer="cus_1", setup_future_usage="off_session").body
    assert asked["status"] == "requires_action"
    assert control(stripe, "authenticate", payment_intent=asked["id"]) == 200
    method = stripe.get(f"/v1/payment_intents/{asked['id']}").body["payment_method"]
    again = paid(stripe, method, customer="cus_1", off_session="true")
    assert again.body["status"] == "succeeded"
    # On-session it always is.
    assert paid(stripe, method, customer="cus_1").body["status"] == "requires_action"


def test_off_session_a_card_that_asks_is_declined() -> None:
    stripe = simulated()
    refused = paid(stripe, "pm_card_authenticationRequired", off_session="true")
    assert refused.error["code"] == "authentication_required"
    assert refused.error["payment_intent"]["status"] == "requires_payment_method"
    set_up = paid(stripe, "pm_card_authenticationRequiredSetupForOffSession", off_session="true")
    assert set_up.body["status"] == "succeeded"


def test_authentication_is_shown_and_can_be_asked_for() -> None:
    stripe = simulated()
    option = {"payment_method_options[card][request_three_d_secure]": "any"}
    assert paid(stripe, "pm_card_threeDSecureOptional").body["status"] == "succeeded"
    assert paid(stripe, "pm_card_visa", **option).body["status"] == "succeeded"
    asked = paid(stripe, "pm_card_threeDSecureOptional", **option).body
    assert asked["status"] == "requires_action"
    control(stripe, "authenticate", payment_intent=asked["id"])
    done = stripe.get(f"/v1/payment_intents/{asked['id']}", {"expand[]": "latest_charge"}).body
    card = done["latest_charge"]["payment_method_details"]["card"]
    assert (done["status"], card["three_d_secure"]["result"]) == ("succeeded", "authenticated")


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("threeDSecureRequiredChargeDeclined", "generic_decline"),
        ("authenticationRequiredChargeDeclinedInsufficientFunds", "insufficient_funds"),
    ],
)
def test_a_card_can_be_declined_after_it_was_authenticated(card: str, code: str) -> None:
    stripe = simulated()
    asked = paid(stripe, f"pm_card_{card}").body
    control(stripe, "authenticate", payment_intent=asked["id"])
    found = stripe.get(f"/v1/payment_intents/{asked['id']}").body
    assert found["status"] == "requires_payment_method"
    assert found["last_payment_error"]["decline_code"] == code
