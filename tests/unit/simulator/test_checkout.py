"""Checkout sessions and quotes: line items, completion and results."""

from __future__ import annotations

import pytest

from tests.unit.simulator.simulated import simulated
from tests.unit.simulator.simulated_billing import control, types
from tests.unit.simulator.test_resources import priced


def test_a_checkout_session_is_completed_by_its_customer() -> None:
    stripe = simulated()
    made = stripe.post(
        "/v1/checkout/sessions",
        {
            "mode": "payment",
            "success_url": "https://example.com",
            "line_items[0][price_data][currency]": "usd",
            "line_items[0][price_data][unit_amount]": 1500,
            "line_items[0][price_data][product_data][name]": "Tea",
            "line_items[0][quantity]": 2,
            "payment_intent_data[metadata][order]": "7",
        },
    ).body
    assert (made["status"], made["payment_status"], made["amount_total"]) == (
        "open",
        "unpaid",
        3000,
    )
    path = f"/v1/checkout/sessions/{made['id']}"
    items = stripe.get(f"{path}/line_items").body["data"]
    assert [(row["description"], row["amount_total"]) for row in items] == [("Tea", 3000)]
    declined = {"session": made["id"], "payment_method": "pm_card_chargeDeclined"}
    assert control(stripe, "complete", **declined) == 402
    assert stripe.get(path).body["status"] == "open"
    assert control(stripe, "complete", session=made["id"]) == 200
    done = stripe.get(path, {"expand[]": "payment_intent"}).body
    assert (done["status"], done["payment_status"]) == ("complete", "paid")
    assert done["payment_intent"]["status"] == "succeeded"
    assert done["payment_intent"]["metadata"] == {"order": "7"}
    assert types(stripe)[-1] == "checkout.session.completed"
    assert stripe.post(f"{path}/expire").status == 400


def test_a_checkout_session_starts_a_subscription() -> None:
    stripe = simulated()
    made = stripe.post(
        "/v1/checkout/sessions",
        {
            "mode": "subscription",
            "success_url": "https://example.com",
            "line_items[0][price]": priced(stripe),
            "line_items[0][quantity]": 1,
            "subscription_data[trial_period_days]": 7,
        },
    ).body
    assert control(stripe, "complete", session=made["id"]) == 200
    done = stripe.get(f"/v1/checkout/sessions/{made['id']}", {"expand[]": "subscription"}).body
    assert done["subscription"]["status"] == "trialing"
    assert done["customer"] == done["subscription"]["customer"]


@pytest.mark.parametrize("recurring", [True, False])
def test_an_accepted_quote_makes_what_it_offered(recurring: bool) -> None:
    stripe = simulated()
    price = priced(stripe)
    if not recurring:
        product = stripe.get(f"/v1/prices/{price}").body["product"]
        once = {"currency": "usd", "unit_amount": 900, "product": product}
        price = stripe.post("/v1/prices", once).body["id"]
    params = {"customer": "cus_1", "line_items[0][price]": price, "line_items[0][quantity]": 2}
    made = stripe.post("/v1/quotes", params).body
    path = f"/v1/quotes/{made['id']}"
    assert (made["status"], made["amount_total"]) == ("draft", 1800)
    assert stripe.post(f"{path}/accept").status == 400
    assert stripe.post(f"{path}/finalize").body["status"] == "open"
    done = stripe.post(f"{path}/accept").body
    assert (done["status"], done["subscription"] is not None) == ("accepted", recurring)
    assert stripe.get(f"/v1/invoices/{done['invoice']}").body["total"] == 1800
    assert stripe.post(f"{path}/cancel").status == 400
