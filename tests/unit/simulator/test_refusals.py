"""Payments and payment methods that Stripe refuses although they look right."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulator.simulated import Simulated, simulated

PATH = "/v1/payment_intents"
INTENT = {"amount": 2000, "currency": "usd"}
PAID = INTENT | {"confirm": "true", "payment_method": "pm_card_visa"}


def card(stripe: Simulated) -> str:
    made = stripe.post("/v1/payment_methods", {"type": "card", "card[token]": "tok_visa"})
    return str(made.body["id"])


@pytest.mark.parametrize(
    ("params", "param"),
    [
        (PAID | {"application_fee_amount": 100}, "application_fee_amount"),
        (
            PAID | {"application_fee_amount": 2001, "transfer_data[destination]": "acct_1"},
            "application_fee_amount",
        ),
        (PAID | {"statement_descriptor": "Tea"}, "statement_descriptor"),
        (PAID | {"statement_descriptor_suffix": "t" * 23}, "statement_descriptor_suffix"),
        (INTENT | {"off_session": "true"}, "off_session"),
        (INTENT | {"error_on_requires_action": "true"}, "error_on_requires_action"),
        (INTENT | {"currency": "xyz"}, "currency"),
        (
            INTENT
            | {"allowed_payment_method_types[]": "card", "automatic_payment_methods[enabled]": "true"},
            "allowed_payment_method_types",
        ),
    ],
)  # fmt: skip
def test_parameters_that_do_not_go_together_are_refused(params: Any, param: str) -> None:
    answer = simulated().post(PATH, params)
    assert (answer.status, answer.error["type"]) == (400, "invalid_request_error")
    assert answer.error["param"] == param


@pytest.mark.parametrize(
    "params",
    [
        PAID | {"statement_descriptor_suffix": "t" * 22, "off_session": "true"},
        PAID | {"application_fee_amount": 2000, "transfer_data[destination]": "acct_1"},
        INTENT | {"error_on_requires_action": "false"},
        {"amount": 999_999_999_999, "currency": "idr"},
        {"amount": 9_999_999_999, "currency": "COP"},
    ],
)
def test_what_stripe_takes_is_taken(params: Any) -> None:
    assert simulated().post(PATH, params).status == 200


def test_a_direct_charge_takes_a_fee_without_a_destination() -> None:
    answer = simulated().post(
        PATH, PAID | {"application_fee_amount": 100}, headers={"Stripe-Account": "acct_1"}
    )
    assert answer.status == 200


@pytest.mark.parametrize(
    ("amount", "currency", "message"),
    [
        (49, "usd", "Amount must be at least $0.50 usd"),
        (29, "gbp", "Amount must be at least £0.30 gbp"),
        (49, "jpy", "Amount must be at least ¥50 jpy"),
        (100_000_000, "jpy", "Amount must be no more than ¥99999999 jpy"),
        (100_000_000, "usd", "Amount must be no more than $999,999.99 usd"),
        (0, "usd", "This value must be greater than or equal to 1."),
    ],
)
def test_an_amount_is_refused_in_stripes_words(amount: int, currency: str, message: str) -> None:
    answer = simulated().post(PATH, {"amount": amount, "currency": currency})
    assert answer.error["message"] == message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("chargeDeclined", "Your card was declined."),
        ("chargeDeclinedInsufficientFunds", "Your card has insufficient funds."),
        ("chargeDeclinedExpiredCard", "Your card has expired."),
        ("chargeDeclinedIncorrectCvc", "Your card's security code is incorrect."),
    ],
)
def test_a_decline_is_told_in_stripes_words(name: str, message: str) -> None:
    answer = simulated().post(PATH, PAID | {"payment_method": f"pm_card_{name}"})
    assert (answer.status, answer.error["message"]) == (402, message)


@pytest.mark.parametrize("path", [PATH, "/v1/setup_intents"])
def test_payment_method_types_are_no_longer_supported(path: str) -> None:
    stripe = simulated()
    params = INTENT if path == PATH else {}
    answer = stripe.post(path, params | {"payment_method_types[]": "card"})
    assert answer.error["code"] == "payment_method_types_no_longer_supported"
    assert (answer.status, answer.error["param"]) == (400, "payment_method_types")
    made = stripe.post(path, params).body["id"]
    again = stripe.post(f"{path}/{made}", {"payment_method_types[]": "card"})
    assert again.error["code"] == "payment_method_types_no_longer_supported"


@pytest.mark.parametrize("path", [PATH, "/v1/setup_intents"])
def test_an_empty_text_takes_the_payment_method_away(path: str) -> None:
    stripe = simulated()
    params = INTENT if path == PATH else {}
    made = stripe.post(path, params | {"payment_method": "pm_card_visa"}).body
    assert made["status"] == "requires_confirmation"
    changed = stripe.post(f"{path}/{made['id']}", {"payment_method": ""}).body
    assert (changed["payment_method"], changed["status"]) == (None, "requires_payment_method")
    refused = stripe.post(path, params | {"payment_method": ""})
    assert refused.error["code"] == "parameter_invalid_empty"


def test_a_payment_method_without_a_customer_is_used_once() -> None:
    stripe = simulated()
    one = card(stripe)
    assert stripe.post(PATH, PAID | {"payment_method": one}).body["status"] == "succeeded"
    for path, params in (
        (PATH, PAID | {"payment_method": one}),
        (PATH, INTENT | {"payment_method": one}),
        (f"/v1/payment_methods/{one}/attach", {"customer": "cus_1"}),
        ("/v1/customers", {"payment_method": one}),
    ):
        again = stripe.post(path, params)
        assert (again.status, again.error["type"]) == (400, "invalid_request_error")
        assert "It may not be used again." in again.error["message"]
    assert stripe.post(PATH, PAID).status == stripe.post(PATH, PAID).status == 200


def test_a_detached_payment_method_is_not_used_again() -> None:
    stripe = simulated()
    one = card(stripe)
    assert stripe.post(f"/v1/payment_methods/{one}/attach", {"customer": "cus_1"}).status == 200
    used = PAID | {"payment_method": one, "customer": "cus_1"}
    assert stripe.post(PATH, used).status == stripe.post(PATH, used).status == 200
    assert stripe.post(f"/v1/payment_methods/{one}/detach").status == 200
    again = stripe.post(f"/v1/payment_methods/{one}/attach", {"customer": "cus_1"})
    assert "was detached from a Customer" in again.error["message"]


def test_a_payment_method_that_was_declined_or_kept_for_later_can_be_used_again() -> None:
    stripe = simulated()
    kept = card(stripe)
    saving = {"payment_method": kept, "customer": "cus_1", "setup_future_usage": "off_session"}
    assert stripe.post(PATH, PAID | saving).status == 200
    assert stripe.post(PATH, PAID | {"payment_method": kept, "customer": "cus_1"}).status == 200


def test_a_payment_method_is_changed_once_it_is_a_customers() -> None:
    stripe = simulated()
    one = card(stripe)
    params = {"metadata[order]": "7"}
    assert stripe.post(f"/v1/payment_methods/{one}", params).status == 400
    stripe.post(f"/v1/payment_methods/{one}/attach", {"customer": "cus_1"})
    changed = stripe.post(f"/v1/payment_methods/{one}", params)
    assert changed.body["metadata"] == {"order": "7"}


def test_a_refund_of_what_is_only_held_is_refused() -> None:
    stripe = simulated()
    held = stripe.post(PATH, PAID | {"capture_method": "manual"}).body
    answer = stripe.post("/v1/refunds", {"payment_intent": held["id"]})
    assert (answer.status, "Cancel" in answer.error["message"]) == (400, True)
    both = {"payment_intent": held["id"], "charge": held["latest_charge"]}
    assert stripe.post("/v1/refunds", both).error["param"] == "payment_intent"
    nothing = stripe.post(f"{PATH}/{held['id']}/capture", {"amount_to_capture": 0})
    assert nothing.error["code"] == "parameter_invalid_integer"


def test_an_older_charge_that_is_only_held_is_let_go_by_a_refund() -> None:
    stripe = simulated()
    held = stripe.post("/v1/charges", INTENT | {"source": "tok_visa", "capture": "false"}).body
    assert stripe.post("/v1/refunds", {"charge": held["id"]}).body["amount"] == 2000
    assert stripe.get(f"/v1/charges/{held['id']}").body["refunded"] is True


@pytest.mark.parametrize("amount", ["\u0662\u0660\u0660\u0660", "２０００", "2e3", "0x7d0"])
def test_only_ascii_digits_are_a_number(amount: str) -> None:
    answer = simulated().post(PATH, {"amount": amount, "currency": "usd"})
    assert (answer.status, answer.error["code"]) == (400, "parameter_invalid_integer")


@pytest.mark.parametrize(
    ("path", "params", "name", "most"),
    [
        (PATH, INTENT, "description", 5000),
        ("/v1/customers", {}, "name", 5000),
        ("/v1/products", {"name": "Tea"}, "description", 40_000),
    ],
)
def test_a_text_has_a_longest_length(path: str, params: Any, name: str, most: int) -> None:
    stripe = simulated()
    assert stripe.post(path, params | {name: "t" * most}).status == 200
    refused = stripe.post(path, params | {name: "t" * (most + 1)})
    assert (refused.status, refused.error["param"]) == (400, name)
