"""Payment methods other than cards: delayed debits, redirects, vouchers, transfers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulator.simulated import Answer, Simulated, simulated
from tests.unit.simulator.simulated_billing import control, on_a_clock, session, types
from tests.unit.simulator.test_resources import priced, priced_once, subscribed


def paid(stripe: Simulated, **params: Any) -> Answer:
    given = {"amount": 2000, "currency": "usd", "confirm": "true"}
    return stripe.post("/v1/payment_intents", given | params)


def again(stripe: Simulated, intent: dict[str, Any]) -> dict[str, Any]:
    path = f"/v1/payment_intents/{intent['id']}"
    return stripe.get(path, {"expand[]": "latest_charge"}).body


@pytest.mark.parametrize(
    ("method", "status", "code"),
    [
        ("pm_usBankAccount_success", "succeeded", None),
        ("pm_usBankAccount_accountClosed", "requires_payment_method", "account_closed"),
        ("pm_usBankAccount_insufficientFunds", "requires_payment_method", "insufficient_funds"),
        ("pm_sepaDebit_success_de", "succeeded", None),
        ("pm_sepaDebit_insufficientFunds_at", "requires_payment_method", "insufficient_funds"),
    ],
)
def test_a_debit_is_processing_until_it_clears_or_comes_back(
    method: str, status: str, code: str | None
) -> None:
    stripe = simulated()
    made = paid(stripe, payment_method=method).body
    assert made["status"] == "processing"
    charge = again(stripe, made)["latest_charge"]
    assert (charge["status"], charge["paid"]) == ("pending", False)
    assert charge["id"].startswith("py_")
    assert {"payment_intent.processing", "charge.pending"} <= set(types(stripe))
    assert control(stripe, "settle", object=made["id"]) == 200
    found = again(stripe, made)
    assert found["status"] == status
    assert (found["last_payment_error"] or {}).get("code") == code
    assert found["latest_charge"]["status"] == ("failed" if code else "succeeded")
    assert found["latest_charge"]["id"] == charge["id"]
    assert ("payment_intent.payment_failed" in types(stripe)) == bool(code)
    assert control(stripe, "settle", object=made["id"]) == 400


def test_a_debit_clears_by_itself_after_a_moment() -> None:
    stripe = simulated()
    now = [1_800_000_000.0]
    stripe.simulation.world.now = lambda: now[0]
    soon = paid(stripe, payment_method="pm_usBankAccount_success").body
    late = paid(stripe, payment_method="pm_sepaDebit_successDelayed_de", currency="eur").body
    never = paid(stripe, payment_method="pm_usBankAccount_processing").body
    for passed, expected in (
        (0, ["processing", "processing", "processing"]),
        (10, ["succeeded", "processing", "processing"]),
        (200, ["succeeded", "succeeded", "processing"]),
    ):
        now[0] = 1_800_000_000.0 + passed
        assert [again(stripe, one)["status"] for one in (soon, late, never)] == expected
    canceled = stripe.post(f"/v1/payment_intents/{never['id']}/cancel").body
    assert canceled["status"] == "canceled"


def test_a_disputed_debit_is_disputed_at_once() -> None:
    stripe = simulated()
    made = paid(stripe, payment_method="pm_usBankAccount_dispute").body
    control(stripe, "settle", object=made["id"])
    assert again(stripe, made)["latest_charge"]["disputed"] is True


def test_an_account_that_was_typed_in_is_verified_first() -> None:
    stripe = simulated()
    data = {
        "payment_method_data[type]": "us_bank_account",
        "payment_method_data[us_bank_account][account_number]": "000123456789",
        "payment_method_data[us_bank_account][routing_number]": "110000000",
        "payment_method_data[billing_details][name]": "Ada",
    }
    made = paid(stripe, **data).body
    assert made["status"] == "requires_action"
    assert made["next_action"]["type"] == "verify_with_microdeposits"
    path = f"/v1/payment_intents/{made['id']}/verify_microdeposits"
    wrong = stripe.post(path, {"amounts[0]": 1, "amounts[1]": 2})
    code = "payment_method_microdeposit_verification_amounts_mismatch"
    assert (wrong.status, wrong.error["code"]) == (400, code)
    assert stripe.post(path, {"amounts[0]": 32, "amounts[1]": 45}).body["status"] == "processing"
    method = stripe.get(f"/v1/payment_methods/{made['payment_method']}").body
    assert (method["type"], method["card"]) == ("us_bank_account", None)
    assert method["us_bank_account"]["last4"] == "6789"


@pytest.mark.parametrize("success", [True, False])
def test_a_redirect_asks_the_customer_to_go_somewhere(success: bool) -> None:
    stripe = simulated()
    params = {"currency": "eur", "payment_method_data[type]": "ideal"}
    assert paid(stripe, **params).error["param"] == "return_url"
    made = paid(stripe, **params, return_url="https://example.com/back").body
    assert (made["status"], made["next_action"]["type"]) == ("requires_action", "redirect_to_url")
    assert made["next_action"]["redirect_to_url"]["return_url"] == "https://example.com/back"
    assert made["next_action"]["redirect_to_url"]["url"].startswith("https://")
    control(stripe, "authenticate", payment_intent=made["id"], success=success)
    found = again(stripe, made)
    assert found["status"] == ("succeeded" if success else "requires_payment_method")
    if success:
        assert found["latest_charge"]["payment_method_details"]["type"] == "ideal"


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("customer_balance", "display_bank_transfer_instructions"),
        ("alipay", "alipay_handle_redirect"),
        ("wechat_pay", "wechat_pay_display_qr_code"),
        ("konbini", "konbini_display_details"),
    ],
)
def test_others_have_an_action_of_their_own(kind: str, action: str) -> None:
    stripe = simulated()
    made = paid(stripe, **{"payment_method_data[type]": kind, "customer": "cus_1"}).body
    assert (made["status"], made["next_action"]["type"]) == ("requires_action", action)
    assert made["next_action"][action]


def test_a_bank_transfer_pays_when_the_customer_has_sent_enough() -> None:
    stripe = simulated()
    made = paid(stripe, **{"payment_method_data[type]": "customer_balance", "customer": "cus_1"})
    path = "/v1/test_helpers/customers/cus_1/fund_cash_balance"
    for amount, status in ((1500, "requires_action"), (700, "succeeded")):
        funded = stripe.post(path, {"amount": amount, "currency": "usd"}).body
        assert funded["object"] == "customer_cash_balance_transaction"
        assert again(stripe, made.body)["status"] == status
    assert "payment_intent.partially_funded" in types(stripe)
    left = stripe.get("/v1/customers/cus_1/cash_balance").body
    assert left["available"] == {"usd": 200}
    # What is there already pays at once.
    small = {"payment_method_data[type]": "customer_balance", "customer": "cus_1", "amount": 150}
    assert paid(stripe, **small).body["status"] == "succeeded"


def test_types_that_were_listed_are_the_only_ones() -> None:
    stripe = simulated()
    params = {"allowed_payment_method_types[0]": "us_bank_account"}
    refused = paid(stripe, **params, payment_method="pm_card_visa")
    assert refused.error["code"] == "payment_intent_incompatible_payment_method"
    made = paid(stripe, **params, payment_method="pm_usBankAccount_success").body
    assert (made["status"], made["payment_method_types"]) == ("processing", ["us_bank_account"])


def test_a_subscription_is_active_while_its_debit_is_on_its_way() -> None:
    stripe = simulated()
    _, customer = on_a_clock(stripe)
    path = "/v1/payment_methods/pm_usBankAccount_insufficientFunds/attach"
    method = stripe.post(path, {"customer": customer}).body["id"]
    params = {"items[0][price]": priced(stripe), "default_payment_method": method}
    made = subscribed(stripe, customer=customer, **params, **{"expand[]": "latest_invoice"}).body
    assert (made["status"], made["latest_invoice"]["status"]) == ("active", "open")
    intent = stripe.get("/v1/payment_intents", {"customer": customer}).body["data"][0]
    control(stripe, "settle", object=intent["id"])
    found = stripe.get(f"/v1/subscriptions/{made['id']}").body
    assert found["status"] == "past_due"
    assert "invoice.payment_failed" in types(stripe)


@pytest.mark.parametrize("success", [True, False])
def test_a_session_tells_later_how_its_debit_went(success: bool) -> None:
    stripe = simulated()
    key = session(stripe, priced_once(stripe))["id"]
    control(stripe, "complete", session=key, payment_method="pm_usBankAccount_success")
    found = stripe.get(f"/v1/checkout/sessions/{key}").body
    assert (found["status"], found["payment_status"]) == ("complete", "unpaid")
    control(stripe, "settle", object=found["payment_intent"], success=success)
    found = stripe.get(f"/v1/checkout/sessions/{key}").body
    assert found["payment_status"] == ("paid" if success else "unpaid")
    outcome = "succeeded" if success else "failed"
    assert f"checkout.session.async_payment_{outcome}" in types(stripe)


def test_a_setup_intent_keeps_a_bank_account() -> None:
    stripe = simulated()
    params = {
        "customer": "cus_1", "payment_method": "pm_sepaDebit_success_fr", "confirm": "true",
        "allowed_payment_method_types[0]": "sepa_debit",
    }  # fmt: skip
    made = stripe.post("/v1/setup_intents", params).body
    assert made["status"] == "succeeded"
    method = stripe.get(f"/v1/payment_methods/{made['payment_method']}").body
    assert (method["customer"], method["sepa_debit"]["country"]) == ("cus_1", "FR")


def test_a_confirmation_token_stands_for_a_payment_method() -> None:
    stripe = simulated()
    path = "/v1/test_helpers/confirmation_tokens"
    token = stripe.post(path, {"payment_method": "pm_card_visa"}).body
    assert token["payment_method_preview"]["card"]["last4"] == "4242"
    assert paid(stripe, confirmation_token=token["id"]).body["status"] == "succeeded"
    assert paid(stripe, confirmation_token="ctoken_no").error["code"] == "resource_missing"


@pytest.mark.parametrize(("success", "status"), [(None, "paid"), (False, "failed")])
def test_a_payout_arrives_or_comes_back(success: bool | None, status: str) -> None:
    stripe = simulated()
    made = stripe.post("/v1/payouts", {"amount": 500, "currency": "usd"}).body
    assert made["status"] == "pending"
    assert made["arrival_date"] > made["created"]
    moved = stripe.get(f"/v1/balance_transactions/{made['balance_transaction']}").body
    assert (moved["amount"], moved["type"]) == (-500, "payout")
    assert control(stripe, "settle", object=made["id"], success=success) == 200
    path = f"/v1/payouts/{made['id']}"
    assert stripe.get(path).body["status"] == status
    assert f"payout.{status}" in types(stripe)
    assert stripe.post(f"{path}/cancel").status == 400
    assert stripe.post(f"{path}/reverse").status == (200 if status == "paid" else 400)
