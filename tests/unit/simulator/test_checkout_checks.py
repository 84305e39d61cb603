"""Checkout sessions: refused parameters, and the customers that sessions create."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.unit.simulator.simulated import simulated
from tests.unit.simulator.simulated_billing import control, session
from tests.unit.simulator.test_resources import priced, priced_once

SESSIONS = "/v1/checkout/sessions"
URL = "https://example.com/done?session={CHECKOUT_SESSION_ID}"


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"expires_at": 60}, None, "expires_at"),
        ({"expires_at": 86_400 + 60}, None, "expires_at"),
        ({"customer": "cus_1", "customer_email": "a@example.com"}, None, "customer_email"),
        ({"customer": "cus_1", "customer_creation": "always"}, None, "customer_creation"),
        ({"allow_promotion_codes": "true", "discounts[0][coupon]": "c"}, None, "discounts"),
        ({"subscription_data[trial_period_days]": 7}, None, "subscription_data"),
        ({"setup_intent_data[metadata][a]": "1"}, None, "setup_intent_data"),
        ({"success_url": "example.com"}, "url_invalid", "success_url"),
        ({"cancel_url": "nowhere"}, "url_invalid", "cancel_url"),
        (
            {"line_items[0][quantity]": 0},
            "parameter_invalid_integer",
            "line_items[0][quantity]",
        ),
        ({"line_items[0][quantity]": None}, "parameter_missing", "line_items[0][quantity]"),
    ],
)
def test_what_stripe_would_not_offer_is_refused(
    change: dict[str, Any], code: str | None, param: str
) -> None:
    stripe = simulated()
    if "discounts[0][coupon]" in change:
        stripe.post("/v1/coupons", {"id": "c", "percent_off": 10})
    if "expires_at" in change:
        change = {"expires_at": int(time.time()) + change["expires_at"]}
    params = {
        "mode": "payment",
        "success_url": URL,
        "line_items[0][price]": priced_once(stripe),
        "line_items[0][quantity]": 2,
    } | change
    refused = stripe.post(SESSIONS, {k: v for k, v in params.items() if v is not None})
    assert refused.status == 400, refused.body
    assert (refused.error.get("code"), refused.error["param"]) == (code, param)


def test_parameters_of_a_payment_are_refused_for_a_subscription() -> None:
    stripe = simulated()
    params = {
        "mode": "subscription",
        "success_url": URL,
        "line_items[0][price]": priced(stripe),
        "line_items[0][quantity]": 1,
    }
    refused = stripe.post(SESSIONS, params | {"payment_intent_data[metadata][a]": "1"})
    assert (refused.status, refused.error["param"]) == (400, "payment_intent_data")
    assert stripe.post(SESSIONS, params).body["customer_creation"] == "always"


def test_a_total_too_small_to_be_charged_is_refused_but_not_nothing() -> None:
    stripe = simulated()
    row = {"currency": "usd", "product_data[name]": "Tea"}
    small = stripe.post("/v1/prices", row | {"unit_amount": 10}).body["id"]
    params = {"mode": "payment", "success_url": URL, "line_items[0][quantity]": 1}
    refused = stripe.post(SESSIONS, params | {"line_items[0][price]": small})
    assert (refused.status, refused.error["code"]) == (400, "amount_too_small")
    free = stripe.post("/v1/prices", row | {"unit_amount": 0}).body["id"]
    assert stripe.post(SESSIONS, params | {"line_items[0][price]": free}).status == 200


@pytest.mark.parametrize(
    ("more", "makes"),
    [
        ({}, False),
        ({"payment_intent_data[setup_future_usage]": "off_session"}, False),
        ({"customer_creation": "if_required", "invoice_creation[enabled]": "true"}, True),
        ({"customer_creation": "always"}, True),
    ],
)
def test_a_payment_makes_a_customer_where_it_is_asked_for(
    more: dict[str, str], makes: bool
) -> None:
    stripe = simulated()
    made = session(stripe, priced_once(stripe), **more)
    assert made["customer_creation"] == more.get("customer_creation", "if_required")
    assert control(stripe, "complete", session=made["id"], email="ada@example.com") == 200
    done = stripe.get(f"{SESSIONS}/{made['id']}", {"expand[]": "payment_intent"}).body
    assert (done["customer"] is not None) is makes
    assert done["payment_intent"]["customer"] == done["customer"]
    if makes:
        customer = stripe.get(f"/v1/customers/{done['customer']}").body
        assert customer["email"] == "ada@example.com"


def test_a_session_for_a_setup_has_its_intent_from_the_start() -> None:
    stripe = simulated()
    params = {"mode": "setup", "success_url": URL, "customer": "cus_1"}
    refused = stripe.post(SESSIONS, params)
    assert (refused.status, refused.error["param"]) == (400, "currency")
    params |= {"currency": "usd", "setup_intent_data[metadata][a]": "1"}
    made = stripe.post(SESSIONS, params | {"expand[]": "setup_intent"}).body
    assert made["setup_intent"]["metadata"] == {"a": "1"}
    assert made["setup_intent"]["status"] == "requires_payment_method"
    three_d = "pm_card_authenticationRequired"
    assert control(stripe, "complete", session=made["id"], payment_method=three_d) == 200
    done = stripe.get(f"{SESSIONS}/{made['id']}", {"expand[]": "setup_intent"}).body
    assert (done["setup_intent"]["id"], done["setup_intent"]["status"]) == (
        made["setup_intent"]["id"],
        "succeeded",
    )
    method = stripe.get(f"/v1/payment_methods/{done['setup_intent']['payment_method']}").body
    assert method["customer"] == "cus_1"
    other = stripe.post(SESSIONS, params).body
    stripe.post(f"{SESSIONS}/{other['id']}/expire")
    assert stripe.get(f"/v1/setup_intents/{other['setup_intent']}").body["status"] == "canceled"
