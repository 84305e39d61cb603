"""Billing cycles and payers: anchors, ends, saved payment methods, balances, due dates."""

from __future__ import annotations

import pytest

from tests.unit.simulator.simulated import simulated
from tests.unit.simulator.simulated_billing import advanced, control, on_a_clock, session, types
from tests.unit.simulator.test_resources import (
    priced,
    priced_once,
    subscribed,
    with_card,
)

DAY = 86_400
START = 1_770_000_000
"""Where the clock of `on_a_clock` stands: a month from here has 28 days."""


@pytest.mark.parametrize(("behaviour", "first"), [("create_prorations", 225), ("none", 0)])
def test_the_time_before_a_later_anchor_is_billed_in_part_or_not(
    behaviour: str, first: int
) -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    params = {"billing_cycle_anchor": START + 7 * DAY, "proration_behavior": behaviour}
    made = subscribed(
        stripe,
        customer=customer,
        **params,
        **{"items[0][price]": priced(stripe), "expand[]": "latest_invoice"},
    ).body
    assert (made["status"], made["latest_invoice"]["total"]) == ("active", first)
    assert made["items"]["data"][0]["current_period_end"] == START + 7 * DAY
    advanced(stripe, clock, START + 7 * DAY + 60)
    path = f"/v1/subscriptions/{made['id']}"
    found = stripe.get(path, {"expand[]": "latest_invoice"}).body
    assert found["latest_invoice"]["total"] == 900


def test_a_cycle_can_begin_anew_now() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    made = subscribed(stripe, customer=customer, **{"items[0][price]": priced(stripe)}).body
    advanced(stripe, clock, START + 14 * DAY)
    params = {"billing_cycle_anchor[type]": "now", "expand[]": "latest_invoice"}
    found = stripe.post(f"/v1/subscriptions/{made['id']}", params).body
    assert found["items"]["data"][0]["current_period_start"] == START + 14 * DAY
    # What was paid for and not used is taken off.
    assert found["latest_invoice"]["total"] == 900 - 450


@pytest.mark.parametrize("choice", ["min_period_end", "max_period_end"])
def test_a_subscription_can_be_canceled_at_the_end_of_a_period_by_name(choice: str) -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    made = subscribed(stripe, customer=customer, **{"items[0][price]": priced(stripe)}).body
    end = made["items"]["data"][0]["current_period_end"]
    path = f"/v1/subscriptions/{made['id']}"
    assert stripe.post(path, {"cancel_at": choice}).body["cancel_at"] == end
    advanced(stripe, clock, end)
    assert stripe.get(path).body["status"] == "canceled"


def test_the_first_payment_can_become_the_default_one() -> None:
    stripe = simulated()
    customer = stripe.post("/v1/customers", {"email": "ada@example.com"}).body["id"]
    made = subscribed(
        stripe,
        customer=customer,
        payment_behavior="default_incomplete",
        **{
            "items[0][price]": priced(stripe),
            "payment_settings[save_default_payment_method]": "on_subscription",
        },
    ).body
    intent = stripe.get("/v1/payment_intents", {"customer": customer}).body["data"][0]
    path = f"/v1/payment_intents/{intent['id']}/confirm"
    method = stripe.post(path, {"payment_method": "pm_card_visa"}).body["payment_method"]
    found = stripe.get(f"/v1/subscriptions/{made['id']}").body
    assert (found["status"], found["default_payment_method"]) == ("active", method)


def test_a_trial_without_a_card_asks_for_one_by_a_setup_intent() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe, None)
    params = {"items[0][price]": priced(stripe), "trial_period_days": 7}
    made = subscribed(stripe, customer=customer, **params).body
    assert made["pending_setup_intent"].startswith("seti_")
    path = f"/v1/setup_intents/{made['pending_setup_intent']}/confirm"
    method = stripe.post(path, {"payment_method": "pm_card_visa"}).body["payment_method"]
    found = stripe.get(f"/v1/subscriptions/{made['id']}").body
    assert (found["pending_setup_intent"], found["default_payment_method"]) == (None, method)
    advanced(stripe, clock, made["trial_end"] + 60)
    assert stripe.get(f"/v1/subscriptions/{made['id']}").body["status"] == "active"


def test_an_invoice_that_was_sent_is_overdue_after_its_day() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe, None)
    made = subscribed(
        stripe,
        customer=customer,
        collection_method="send_invoice",
        days_until_due=10,
        **{"items[0][price]": priced(stripe)},
    ).body
    path = f"/v1/subscriptions/{made['id']}"
    advanced(stripe, clock, START + 9 * DAY)
    assert stripe.get(path).body["status"] == "active"
    advanced(stripe, clock, START + 11 * DAY)
    late = stripe.get(path).body
    assert (late["status"], types(stripe).count("invoice.overdue")) == ("past_due", 1)
    paid = {"paid_out_of_band": "true"}
    stripe.post(f"/v1/invoices/{late['latest_invoice']}/pay", paid)
    assert stripe.get(path).body["status"] == "active"


def test_a_credit_is_used_for_the_next_invoice() -> None:
    stripe = simulated()
    customer = with_card(stripe)
    path = f"/v1/customers/{customer}/balance_transactions"
    moved = stripe.post(path, {"amount": -600, "currency": "usd"}).body
    assert (moved["ending_balance"], moved["type"]) == (-600, "adjustment")
    params = {"items[0][price]": priced(stripe), "expand[]": "latest_invoice"}
    invoice = subscribed(stripe, customer=customer, **params).body["latest_invoice"]
    assert (invoice["total"], invoice["amount_due"], invoice["amount_paid"]) == (900, 300, 300)
    assert stripe.get(f"/v1/customers/{customer}").body["balance"] == 0
    rows = stripe.get(path).body["data"]
    assert [(row["type"], row["amount"]) for row in rows] == [
        ("applied_to_invoice", 600),
        ("adjustment", -600),
    ]


def test_a_session_with_a_trial_asks_for_no_payment_yet() -> None:
    stripe = simulated()
    trial = {"subscription_data[trial_period_days]": 7}
    key = session(stripe, priced(stripe), mode="subscription", **trial)["id"]
    assert control(stripe, "complete", session=key) == 200
    found = stripe.get(f"/v1/checkout/sessions/{key}", {"expand[]": "subscription"}).body
    assert found["payment_status"] == "no_payment_required"
    assert found["subscription"]["status"] == "trialing"


def test_finalizing_an_invoice_by_hand_does_not_make_it_advance() -> None:
    stripe = simulated()
    made = stripe.post("/v1/invoices", {"customer": "cus_1"}).body
    item = {"customer": "cus_1", "invoice": made["id"], "pricing[price]": priced_once(stripe)}
    assert stripe.post("/v1/invoiceitems", item).status == 200
    open_ = stripe.post(f"/v1/invoices/{made['id']}/finalize").body
    assert (open_["status"], open_["auto_advance"]) == ("open", False)


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [("keep_as_draft", "draft"), ("void", "void"), ("mark_uncollectible", "uncollectible")],
)
def test_while_collection_is_paused_nothing_is_paid(behaviour: str, status: str) -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    made = subscribed(stripe, customer=customer, **{"items[0][price]": priced(stripe)}).body
    path = f"/v1/subscriptions/{made['id']}"
    paused = {"pause_collection[behavior]": behaviour}
    stripe.post(path, paused | {"pause_collection[resumes_at]": START + 40 * DAY})
    advanced(stripe, clock, START + 30 * DAY)
    found = stripe.get(path, {"expand[]": "latest_invoice"}).body
    assert (found["status"], found["latest_invoice"]["status"]) == ("active", status)
    assert found["latest_invoice"]["total"] == 900
    advanced(stripe, clock, START + 61 * DAY)
    found = stripe.get(path, {"expand[]": "latest_invoice"}).body
    assert found["pause_collection"] is None
    assert found["latest_invoice"]["status"] == "paid"


def test_a_deleted_clock_takes_its_customers_along() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    made = subscribed(stripe, customer=customer, **{"items[0][price]": priced(stripe)}).body
    gone = stripe.delete(f"/v1/test_helpers/test_clocks/{clock}")
    assert gone.body["deleted"] is True
    assert stripe.get(f"/v1/customers/{customer}").body["deleted"] is True
    assert stripe.get(f"/v1/subscriptions/{made['id']}").body["status"] == "canceled"
