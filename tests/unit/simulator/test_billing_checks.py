"""Parameters of subscriptions and invoices that are refused before anything is created."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulator.simulated import simulated
from tests.unit.simulator.simulated_billing import advanced, on_a_clock
from tests.unit.simulator.test_resources import priced, priced_once, subscribed, with_card

START = 1_770_000_000
DAY = 86_400


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"cancel_at": START - 1}, "cancel_at"),
        ({"cancel_at": START + DAY, "cancel_at_period_end": "true"}, "cancel_at_period_end"),
        ({"collection_method": "send_invoice"}, "days_until_due"),
        ({"days_until_due": 5}, "days_until_due"),
        ({"trial_end": START + DAY, "trial_period_days": 7}, "trial_period_days"),
        ({"backdate_start_date": START + DAY}, "backdate_start_date"),
    ],
)
def test_what_no_subscription_begins_with(params: dict[str, Any], param: str) -> None:
    stripe = simulated()
    _, customer = on_a_clock(stripe)
    item = {"items[0][price]": priced(stripe)}
    refused = subscribed(stripe, customer=customer, **item, **params)
    assert (refused.status, refused.error.get("param")) == (400, param), refused.body
    made = subscribed(stripe, customer=customer, **item).body["id"]
    if "trial_period_days" not in params and "backdate_start_date" not in params:
        refused = stripe.post(f"/v1/subscriptions/{made}", params)
        assert (refused.status, refused.error.get("param")) == (400, param), refused.body


def test_a_subscription_that_is_sent_keeps_its_days() -> None:
    stripe = simulated()
    item = {"items[0][price]": priced(stripe)}
    sent = {"collection_method": "send_invoice", "days_until_due": 5}
    path = f"/v1/subscriptions/{subscribed(stripe, customer='cus_1', **item, **sent).body['id']}"
    assert stripe.post(path, {"collection_method": "send_invoice"}).body["days_until_due"] == 5
    assert stripe.post(path, {"days_until_due": 9}).body["days_until_due"] == 9


def test_an_end_by_time_replaces_the_one_by_period() -> None:
    stripe = simulated()
    _, customer = on_a_clock(stripe)
    params = {"items[0][price]": priced(stripe), "cancel_at_period_end": "true"}
    path = f"/v1/subscriptions/{subscribed(stripe, customer=customer, **params).body['id']}"
    by_time = {"cancel_at_period_end": "false", "cancel_at": START + 5 * DAY}
    found = stripe.post(path, by_time).body
    assert (found["cancel_at_period_end"], found["cancel_at"]) == (False, START + 5 * DAY)


def test_the_same_price_twice_is_refused() -> None:
    stripe = simulated()
    price, customer = priced(stripe), with_card(stripe)
    twice = {"items[0][price]": price, "items[1][price]": price}
    assert subscribed(stripe, customer=customer, **twice).error["param"] == "items"
    made = subscribed(stripe, customer=customer, **{"items[0][price]": price}).body
    again = {"subscription": made["id"], "price": price}
    assert stripe.post("/v1/subscription_items", again).status == 400


def test_a_customer_has_subscriptions_in_one_currency() -> None:
    stripe = simulated()
    customer = with_card(stripe)
    dollars = {"items[0][price]": priced(stripe)}
    euros = {"items[0][price]": priced(stripe, {"currency": "eur"})}
    made = subscribed(stripe, customer=customer, **dollars).body["id"]
    refused = subscribed(stripe, customer=customer, **euros)
    assert refused.status == 400
    assert refused.error["message"].startswith("You cannot combine currencies")
    stripe.delete(f"/v1/subscriptions/{made}")
    assert subscribed(stripe, customer=customer, **euros).status == 200


def test_a_price_of_an_archived_product_is_kept_but_not_chosen() -> None:
    stripe = simulated()
    price, customer = priced(stripe), with_card(stripe)
    made = subscribed(stripe, customer=customer, **{"items[0][price]": price}).body
    product = stripe.get(f"/v1/prices/{price}").body["product"]
    stripe.post(f"/v1/products/{product}", {"active": "false"})
    refused = subscribed(stripe, customer=customer, **{"items[0][price]": price})
    assert (refused.status, refused.error["param"]) == (400, "items[0][price]")
    more = {"items[0][id]": made["items"]["data"][0]["id"], "items[0][quantity]": 2}
    assert stripe.post(f"/v1/subscriptions/{made['id']}", more).status == 200
    once = priced_once(stripe)
    product = stripe.get(f"/v1/prices/{once}").body["product"]
    stripe.post(f"/v1/products/{product}", {"active": "false"})
    item = {"customer": customer, "pricing[price]": once}
    assert stripe.post("/v1/invoiceitems", item).error["param"] == "pricing[price]"


def test_an_invoice_that_is_charged_is_not_sent() -> None:
    stripe = simulated()
    made = stripe.post("/v1/invoices", {"customer": "cus_1"}).body["id"]
    assert stripe.post(f"/v1/invoices/{made}/send").status == 400
    sent = {"customer": "cus_1", "collection_method": "send_invoice", "days_until_due": 5}
    made = stripe.post("/v1/invoices", sent).body["id"]
    assert stripe.post(f"/v1/invoices/{made}/send").status == 200


def test_an_invoice_item_costs_something() -> None:
    stripe = simulated()
    refused = stripe.post("/v1/invoiceitems", {"customer": "cus_1", "description": "Tea"})
    assert (refused.error["code"], refused.error["param"]) == ("parameter_missing", "amount")


def test_nothing_to_bill_has_no_preview() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    preview = "/v1/invoices/create_preview"
    refused = stripe.post(preview, {"customer": customer})
    assert (refused.status, refused.error["code"]) == (404, "invoice_upcoming_none")
    params = {"items[0][price]": priced(stripe), "cancel_at_period_end": "true"}
    made = subscribed(stripe, customer=customer, **params).body
    refused = stripe.post(preview, {"subscription": made["id"]})
    assert refused.error["code"] == "invoice_upcoming_none"
    item = {"customer": customer, "amount": 100, "currency": "usd"}
    stripe.post("/v1/invoiceitems", item)
    assert stripe.post(preview, {"subscription": made["id"]}).body["total"] == 100
    advanced(stripe, clock, made["cancel_at"])
    stripe.delete(f"/v1/invoiceitems/{stripe.get('/v1/invoiceitems').body['data'][0]['id']}")
    refused = stripe.post(preview, {"subscription": made["id"]})
    assert refused.error["code"] == "invoice_upcoming_none"
