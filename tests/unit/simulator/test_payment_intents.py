"""The states of a payment intent, and the result of each test card."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulator.simulated import Answer, Simulated, simulated

PATH = "/v1/payment_intents"
INTENT = {"amount": 2000, "currency": "usd"}


def confirmed(card: str, stripe: Simulated | None = None, **more: Any) -> Answer:
    stripe = stripe or simulated()
    return stripe.post(PATH, INTENT | {"confirm": "true", "payment_method": card} | more)


def test_without_a_payment_method_one_is_required() -> None:
    made = simulated().post(PATH, INTENT | {"customer": "cus_1", "metadata[order]": "7"})
    assert made.status == 200
    assert made.body["object"] == "payment_intent"
    assert made.body["status"] == "requires_payment_method"
    assert made.body["metadata"] == {"order": "7"}
    assert made.body["customer"] == "cus_1"
    assert made.body["livemode"] is False
    assert made.body["id"].startswith("pi_")
    assert made.body["client_secret"].startswith(f"{made.body['id']}_secret_")


def test_it_goes_from_confirmation_to_success() -> None:
    stripe = simulated()
    made = stripe.post(PATH, INTENT | {"payment_method": "pm_card_visa"})
    assert made.body["status"] == "requires_confirmation"
    done = stripe.post(f"{PATH}/{made.body['id']}/confirm")
    assert (done.body["status"], done.body["amount_received"]) == ("succeeded", 2000)
    assert done.body["latest_charge"].startswith("ch_")
    assert stripe.get(f"{PATH}/{made.body['id']}").body == done.body


def test_one_can_be_confirmed_with_a_payment_method_given_then() -> None:
    stripe = simulated()
    made = stripe.post(PATH, INTENT)
    path = f"{PATH}/{made.body['id']}/confirm"
    refused = stripe.post(path)
    assert refused.error["code"] == "payment_intent_unexpected_state"
    assert stripe.post(path, {"payment_method": "pm_card_mastercard"}).body["status"] == "succeeded"


def test_a_manual_capture_may_be_partial() -> None:
    stripe = simulated()
    held = confirmed("pm_card_visa", stripe, capture_method="manual")
    assert (held.body["status"], held.body["amount_capturable"]) == ("requires_capture", 2000)
    path = f"{PATH}/{held.body['id']}/capture"
    assert stripe.post(path, {"amount_to_capture": 2001}).error["code"] == "amount_too_large"
    taken = stripe.post(path, {"amount_to_capture": 500})
    assert (taken.body["status"], taken.body["amount_received"]) == ("succeeded", 500)
    assert taken.body["amount_capturable"] == 0


@pytest.mark.parametrize("verb", ["confirm", "capture", "cancel"])
def test_what_comes_in_the_wrong_order_is_refused_and_shows_the_payment_intent(verb: str) -> None:
    stripe = simulated()
    paid = confirmed("pm_card_visa", stripe)
    refused = stripe.post(f"{PATH}/{paid.body['id']}/{verb}")
    assert (refused.status, refused.error["code"]) == (400, "payment_intent_unexpected_state")
    assert refused.error["type"] == "invalid_request_error"
    assert refused.error["payment_intent"]["id"] == paid.body["id"]
    assert stripe.get(f"{PATH}/{paid.body['id']}").body == paid.body


def test_it_can_be_canceled_until_it_is_paid() -> None:
    stripe = simulated()
    made = stripe.post(PATH, INTENT)
    gone = stripe.post(f"{PATH}/{made.body['id']}/cancel", {"cancellation_reason": "duplicate"})
    assert (gone.body["status"], gone.body["cancellation_reason"]) == ("canceled", "duplicate")
    assert gone.body["canceled_at"] >= made.body["created"]


@pytest.mark.parametrize(
    ("card", "code", "decline_code", "advice_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline", "try_again_later"),
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline", "try_again_later"),
        (
            "pm_card_chargeDeclinedInsufficientFunds",
            "card_declined",
            "insufficient_funds",
            "try_again_later",
        ),
        (
            "pm_card_visa_chargeDeclinedInsufficientFunds",
            "card_declined",
            "insufficient_funds",
            "try_again_later",
        ),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card", "do_not_try_again"),
        (
            "pm_card_visa_chargeDeclinedStolenCard",
            "card_declined",
            "stolen_card",
            "do_not_try_again",
        ),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card", "do_not_try_again"),
        (
            "pm_card_chargeDeclinedIncorrectCvc",
            "incorrect_cvc",
            "incorrect_cvc",
            "confirm_card_data",
        ),
        (
            "pm_card_chargeDeclinedProcessingError",
            "processing_error",
            "processing_error",
            "try_again_later",
        ),
        (
            "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
            "card_declined",
            "card_velocity_exceeded",
            "try_again_later",
        ),
        ("pm_card_chargeDeclinedFraudulent", "card_declined", "fraudulent", "do_not_try_again"),
        ("pm_card_radarBlock", "card_declined", "fraudulent", "do_not_try_again"),
    ],
)
def test_a_declining_card_declines_with_its_codes(
    card: str, code: str, decline_code: str, advice_code: str
) -> None:
    stripe = simulated()
    declined = confirmed(card, stripe)
    error = declined.error
    assert (declined.status, error["type"]) == (402, "card_error")
    assert (error["code"], error["decline_code"]) == (code, decline_code)
    assert error["advice_code"] == advice_code
    assert error["message"]
    assert error["doc_url"].endswith(code.replace("_", "-"))
    assert declined.headers["Request-Id"] in error["request_log_url"]
    assert declined.headers["Stripe-Should-Retry"] == "false"
    # The payment intent is there, and can be paid with another card.
    kept = stripe.get(f"{PATH}/{error['payment_intent']['id']}").body
    assert kept == error["payment_intent"]
    assert (kept["status"], kept["payment_method"]) == ("requires_payment_method", None)
    assert kept["last_payment_error"]["decline_code"] == decline_code
    path = f"{PATH}/{kept['id']}/confirm"
    assert stripe.post(path, {"payment_method": "pm_card_visa"}).body["status"] == "succeeded"


@pytest.mark.parametrize(
    "card", ["pm_card_visa", "pm_card_amex", "pm_card_gb", "pm_card_br", "pm_card_threeDSecureOptional"]
)  # fmt: skip
def test_a_good_card_pays(card: str) -> None:
    assert confirmed(card).body["status"] == "succeeded"


@pytest.mark.parametrize(
    "card",
    ["pm_card_threeDSecure2Required", "pm_card_threeDSecureRequired", "pm_card_authenticationRequired"],
)  # fmt: skip
def test_3d_secure_asks_for_an_action(card: str) -> None:
    asked = confirmed(card, return_url="https://example.com/back")
    assert (asked.status, asked.body["status"]) == (200, "requires_action")
    redirect = asked.body["next_action"]["redirect_to_url"]
    assert redirect["return_url"] == "https://example.com/back"


def test_a_card_that_has_to_be_authenticated_declines_when_nobody_is_there() -> None:
    declined = confirmed("pm_card_authenticationRequired", off_session="true")
    assert (declined.status, declined.error["code"]) == (402, "authentication_required")
    assert confirmed("pm_card_authenticationRequiredSetupForOffSession", off_session="true").body[
        "status"
    ] == ("succeeded")


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ({"customer": "cus_none"}, "customer", "resource_missing"),
        ({"payment_method": "pm_card_nonesuch"}, "payment_method", "resource_missing"),
        ({"payment_method": "pm_none"}, "payment_method", "resource_missing"),
        ({"amount": 0}, "amount", "parameter_invalid_integer"),
        ({"amount": 49}, "amount", "amount_too_small"),
        ({"amount": 100_000_000}, "amount", "amount_too_large"),
        ({"currency": "dollars"}, "currency", None),
    ],
)
def test_a_parameter_that_names_nothing_is_a_400(
    params: dict[str, Any], param: str, code: str | None
) -> None:
    stripe = simulated()
    refused = stripe.post(PATH, INTENT | params)
    assert refused.status == 400
    assert (refused.error["param"], refused.error.get("code")) == (param, code)
    assert "payment_intent" not in stripe.simulation.store.counts()


def test_a_path_that_names_nothing_is_a_404() -> None:
    missing = simulated().get(f"{PATH}/pi_none")
    assert (missing.status, missing.error["code"]) == (404, "resource_missing")
    assert missing.error["message"] == "No such payment_intent: 'pi_none'"


def test_once_paid_only_the_description_and_the_metadata_change() -> None:
    stripe = simulated()
    path = f"{PATH}/{confirmed('pm_card_visa', stripe).body['id']}"
    assert stripe.post(path, {"amount": 1}).error["code"] == "payment_intent_unexpected_state"
    stripe.post(path, {"metadata[a]": "1", "metadata[b]": "2"})
    changed = stripe.post(path, {"metadata[a]": "", "description": "Tea"})
    assert changed.body["metadata"] == {"b": "2"}
    assert changed.body["description"] == "Tea"
