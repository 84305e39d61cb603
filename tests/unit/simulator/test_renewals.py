"""Unpaid renewals: retries on the clock, the end of retries, and later payments."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulator.simulated import Simulated, simulated
from tests.unit.simulator.simulated_billing import advanced, control, on_a_clock, types
from tests.unit.simulator.test_resources import priced, subscribed

DAY = 86_400
FAILS = "pm_card_chargeCustomerFail"


def begun(stripe: Simulated, card: str = FAILS) -> tuple[str, str, str, int]:
    """A clock, a customer, a paid subscription whose next payment will be tried with `card`, and
    the end of its period."""
    clock, customer = on_a_clock(stripe)
    made = subscribed(stripe, customer=customer, **{"items[0][price]": priced(stripe)}).body
    set_card(stripe, customer, made["id"], card)
    return clock, customer, made["id"], made["items"]["data"][0]["current_period_end"]


def set_card(stripe: Simulated, customer: str, subscription: str, card: str) -> None:
    path = f"/v1/payment_methods/{card}/attach"
    method = stripe.post(path, {"customer": customer}).body["id"]
    path = f"/v1/subscriptions/{subscription}"
    assert stripe.post(path, {"default_payment_method": method}).status == 200


def shown(stripe: Simulated, subscription: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The subscription, and its latest invoice."""
    path = f"/v1/subscriptions/{subscription}"
    found = stripe.get(path, {"expand[]": "latest_invoice"}).body
    return found, found["latest_invoice"]


def test_a_renewal_that_fails_is_past_due_and_tried_again() -> None:
    stripe = simulated()
    clock, customer, key, end = begun(stripe)
    advanced(stripe, clock, end + 60)
    late, invoice = shown(stripe, key)
    assert (late["status"], invoice["status"]) == ("past_due", "open")
    assert (invoice["attempt_count"], invoice["attempted"]) == (1, True)
    assert invoice["next_payment_attempt"] == end + 3 * DAY
    assert stripe.get(f"/v1/customers/{customer}").body["delinquent"] is True
    failed = types(stripe)
    for kind in ("charge.failed", "payment_intent.payment_failed", "invoice.payment_failed"):
        assert failed.count(kind) == 1, kind
    changes = stripe.get("/v1/events", {"type": "customer.subscription.updated"}).body["data"]
    assert changes[0]["data"]["previous_attributes"]["status"] == "active"
    advanced(stripe, clock, end + 3 * DAY)
    late, invoice = shown(stripe, key)
    assert (late["status"], invoice["attempt_count"]) == ("past_due", 2)
    assert invoice["next_payment_attempt"] == end + 8 * DAY
    assert types(stripe).count("invoice.payment_failed") == 2


def test_a_retry_with_a_new_card_makes_it_active_again() -> None:
    stripe = simulated()
    clock, customer, key, end = begun(stripe)
    advanced(stripe, clock, end + 60)
    set_card(stripe, customer, key, "pm_card_visa")
    assert shown(stripe, key)[0]["status"] == "past_due"
    advanced(stripe, clock, end + 4 * DAY)
    found, invoice = shown(stripe, key)
    assert (found["status"], invoice["status"]) == ("active", "paid")
    assert (invoice["attempt_count"], invoice["next_payment_attempt"]) == (2, None)
    assert stripe.get(f"/v1/customers/{customer}").body["delinquent"] is False


def test_a_payment_by_hand_counts_as_no_retry_and_makes_it_active() -> None:
    stripe = simulated()
    clock, _, key, end = begun(stripe)
    advanced(stripe, clock, end + 60)
    invoice = shown(stripe, key)[1]
    path = f"/v1/invoices/{invoice['id']}/pay"
    assert stripe.post(path, {"payment_method": "pm_card_chargeDeclined"}).status == 402
    assert shown(stripe, key)[1]["attempt_count"] == 1
    assert stripe.post(path, {"payment_method": "pm_card_visa"}).body["status"] == "paid"
    assert shown(stripe, key)[0]["status"] == "active"


@pytest.mark.parametrize(
    ("setting", "status"), [(None, "canceled"), ("unpaid", "unpaid"), ("past_due", "past_due")]
)
def test_what_comes_after_the_last_retry(setting: str | None, status: str) -> None:
    stripe = simulated()
    if setting is not None:
        assert control(stripe, "billing", after_retries=setting) == 200
    clock, _, key, end = begun(stripe)
    advanced(stripe, clock, end + 16 * DAY)
    found, invoice = shown(stripe, key)
    assert (found["status"], invoice["status"]) == (status, "open")
    assert (invoice["attempt_count"], invoice["next_payment_attempt"]) == (4, None)
    if status == "canceled":
        assert found["cancellation_details"]["reason"] == "payment_failed"
        assert types(stripe)[-1] != "customer.subscription.updated"
        assert "customer.subscription.deleted" in types(stripe)
        return
    # A further period: an unpaid subscription leaves its invoices as drafts.
    advanced(stripe, clock, end + 40 * DAY)
    found, invoice = shown(stripe, key)
    wanted = {"unpaid": "draft", "past_due": "open"}[status]
    assert (found["status"], invoice["status"]) == (status, wanted)


def test_a_setting_that_does_not_exist_is_refused() -> None:
    assert control(simulated(), "billing", after_retries="pause") == 400


def test_a_card_that_must_not_be_tried_again_is_not_and_the_count_goes_on() -> None:
    stripe = simulated()
    clock, _, key, end = begun(stripe, "pm_card_visa_chargeCustomerFailLostCard")
    advanced(stripe, clock, end + 4 * DAY)
    invoice = shown(stripe, key)[1]
    assert (invoice["attempt_count"], types(stripe).count("charge.failed")) == (2, 1)


def test_only_the_latest_invoice_makes_a_subscription_active() -> None:
    stripe = simulated()
    control(stripe, "billing", after_retries="past_due")
    clock, _, key, end = begun(stripe)
    advanced(stripe, clock, end + 60)
    older = shown(stripe, key)[1]["id"]
    advanced(stripe, clock, end + 32 * DAY)
    newer = shown(stripe, key)[1]["id"]
    for invoice, status in ((older, "past_due"), (newer, "active")):
        paid = stripe.post(f"/v1/invoices/{invoice}/pay", {"payment_method": "pm_card_visa"})
        assert paid.body["status"] == "paid"
        assert shown(stripe, key)[0]["status"] == status


def test_an_incomplete_subscription_expires_after_23_hours_and_its_invoice_is_void() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    made = subscribed(
        stripe,
        customer=customer,
        payment_behavior="default_incomplete",
        **{"items[0][price]": priced(stripe)},
    ).body
    advanced(stripe, clock, made["created"] + 22 * 3600)
    assert shown(stripe, made["id"])[0]["status"] == "incomplete"
    advanced(stripe, clock, made["created"] + 23 * 3600)
    found, invoice = shown(stripe, made["id"])
    assert (found["status"], invoice["status"]) == ("incomplete_expired", "void")
    intent = stripe.get("/v1/payment_intents", {"customer": customer}).body["data"][0]
    assert intent["status"] == "canceled"


def test_a_renewal_that_asks_for_authentication_is_past_due_until_it_is_given() -> None:
    stripe = simulated()
    clock, customer, key, end = begun(stripe, "pm_card_authenticationRequired")
    advanced(stripe, clock, end + 60)
    assert shown(stripe, key)[0]["status"] == "past_due"
    assert "invoice.payment_action_required" in types(stripe)
    intents = stripe.get("/v1/payment_intents", {"customer": customer}).body["data"]
    asking = next(one for one in intents if one["status"] == "requires_action")
    assert control(stripe, "authenticate", payment_intent=asking["id"]) == 200
    found, invoice = shown(stripe, key)
    assert (found["status"], invoice["status"]) == ("active", "paid")


def test_each_step_of_a_clock_has_events_of_its_own() -> None:
    stripe = simulated()
    clock, _, _, end = begun(stripe, "pm_card_visa")
    advanced(stripe, clock, end + 70 * DAY)
    assert types(stripe).count("invoice.paid") == 4
    changes = stripe.get("/v1/events", {"type": "customer.subscription.updated"}).body["data"]
    periods = {row["data"]["object"]["items"]["data"][0]["current_period_end"] for row in changes}
    assert len(periods) >= 3
