"""Customers, products, prices, subscriptions and lists."""

from __future__ import annotations

from typing import Any

import pytest

from stripe_flows.simulator.periods import period_end
from tests.unit.simulator.simulated import Answer, Simulated, simulated


def priced(stripe: Simulated, more: dict[str, Any] | None = None) -> str:
    params = {
        "currency": "usd",
        "unit_amount": 900,
        "recurring[interval]": "month",
        "product_data[name]": "Tea",
    }
    made = stripe.post("/v1/prices", params | (more or {}))
    assert made.status == 200, made.body
    return str(made.body["id"])


def priced_once(stripe: Simulated) -> str:
    params = {"currency": "usd", "unit_amount": 900, "product_data[name]": "Cup"}
    return str(stripe.post("/v1/prices", params).body["id"])


def with_card(stripe: Simulated, card: str = "pm_card_visa") -> str:
    made = stripe.post(
        "/v1/customers",
        {"payment_method": card, "invoice_settings[default_payment_method]": card},
    )
    assert made.body["invoice_settings"]["default_payment_method"].startswith("pm_1")
    return str(made.body["id"])


def subscribed(stripe: Simulated, **params: Any) -> Answer:
    return stripe.post("/v1/subscriptions", params)


def test_a_customer_is_made_changed_and_deleted() -> None:
    stripe = simulated()
    made = stripe.post(
        "/v1/customers",
        {"email": "ada@example.com", "address[city]": "London", "metadata[a]": "1"},
    )
    assert made.body["address"] == {
        "city": "London", "country": None, "line1": None, "line2": None, "postal_code": None,
        "state": None,
    }  # fmt: skip
    path = f"/v1/customers/{made.body['id']}"
    changed = stripe.post(path, {"address[line1]": "1 Street", "metadata[b]": "2"})
    assert changed.body["address"]["city"] == "London"
    assert changed.body["metadata"] == {"a": "1", "b": "2"}
    assert stripe.post(path, {"metadata": ""}).body["metadata"] == {}
    assert stripe.delete(path).body["deleted"] is True
    # Stripe still shows that there was one.
    assert stripe.get(path).body == {"id": made.body["id"], "object": "customer", "deleted": True}
    assert stripe.post(path, {"name": "Ada"}).status == 404
    intent = {"amount": 2000, "currency": "usd", "customer": made.body["id"]}
    assert stripe.post("/v1/payment_intents", intent).error["code"] == "resource_missing"


def test_a_product_with_an_id_and_a_default_price() -> None:
    stripe = simulated()
    made = stripe.post(
        "/v1/products",
        {
            "id": "tea",
            "name": "Tea",
            "default_price_data[currency]": "EUR",
            "default_price_data[unit_amount]": 500,
        },
    )
    assert made.body["id"] == "tea"
    price = stripe.get(f"/v1/prices/{made.body['default_price']}").body
    assert (price["product"], price["unit_amount"], price["currency"]) == ("tea", 500, "eur")
    assert price["type"] == "one_time"
    twice = stripe.post("/v1/products", {"id": "tea", "name": "Tea"})
    assert twice.error["code"] == "resource_already_exists"
    assert stripe.delete("/v1/products/tea").status == 400
    archived = stripe.post("/v1/products/tea", {"active": "false"})
    assert archived.body["active"] is False


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"unit_amount": 1}, "product"),
        ({"product": "prod_none", "unit_amount": 1}, "product"),
        ({"product_data[name]": "Tea"}, "unit_amount"),
        ({"product_data[name]": "Tea", "unit_amount": -1}, "unit_amount"),
        ({"product_data[nmae]": "Tea", "unit_amount": 1}, "product_data[nmae]"),
    ],
)
def test_a_price_that_is_none_leaves_nothing_behind(params: dict[str, Any], param: str) -> None:
    stripe = simulated()
    refused = stripe.post("/v1/prices", {"currency": "usd"} | params)
    assert (refused.status, refused.error["param"]) == (400, param)
    assert stripe.simulation.store.counts() == {"customer": 1}


def test_a_subscription_is_active_when_the_card_pays() -> None:
    stripe = simulated()
    price = priced(stripe)
    made = subscribed(
        stripe,
        customer=with_card(stripe),
        **{"items[0][price]": price, "items[0][quantity]": 2, "expand[]": "customer"},
    )
    assert made.body["status"] == "active"
    assert made.body["customer"]["object"] == "customer"
    item = made.body["items"]["data"][0]
    assert (item["price"]["id"], item["quantity"]) == (price, 2)
    assert item["plan"]["interval"] == "month"
    assert item["current_period_end"] - item["current_period_start"] >= 28 * 86_400
    kept = stripe.get(f"/v1/subscriptions/{made.body['id']}").body
    assert kept["customer"] == made.body["customer"]["id"]


@pytest.mark.parametrize(
    ("card", "params", "status"),
    [
        ("pm_card_visa", {}, "active"),
        ("pm_card_visa", {"trial_period_days": 7}, "trialing"),
        ("pm_card_visa", {"payment_behavior": "default_incomplete"}, "incomplete"),
        ("pm_card_chargeCustomerFail", {}, "incomplete"),
        ("pm_card_threeDSecure2Required", {}, "incomplete"),
        (None, {"collection_method": "send_invoice", "days_until_due": 5}, "active"),
        (None, {"trial_period_days": 7}, "trialing"),
    ],
)
def test_the_first_payment_decides_the_status(
    card: str | None, params: dict[str, Any], status: str
) -> None:
    stripe = simulated()
    customer = "cus_1" if card is None else with_card(stripe, card)
    rest = {"items[0][price]": priced(stripe)} | params
    assert subscribed(stripe, customer=customer, **rest).body["status"] == status


def test_a_subscription_that_cannot_be_is_refused() -> None:
    stripe = simulated()
    price, once = priced(stripe), priced(stripe)
    stripe.post(f"/v1/prices/{once}", {"active": "false"})
    product = stripe.get(f"/v1/prices/{price}").body["product"]
    one_time = stripe.post(
        "/v1/prices", {"currency": "usd", "unit_amount": 5, "product": product}
    ).body["id"]
    asked = [
        ({"customer": "cus_none", "items[0][price]": price}, "customer"),
        ({"customer": "cus_1", "items[0][price]": "price_none"}, "items[0][price]"),
        ({"customer": "cus_1", "items[0][price]": one_time}, "items[0][price]"),
        ({"customer": "cus_1", "items[0][price]": once}, "items[0][price]"),
        ({"customer": "cus_1"}, "items"),
        ({"items[0][price]": price}, "customer"),
    ]
    for params, param in asked:
        refused = subscribed(stripe, **params)
        assert (refused.status, refused.error["param"]) == (400, param)
    nobody_pays = subscribed(stripe, customer="cus_1", **{"items[0][price]": price})
    assert nobody_pays.error["code"] == "resource_missing"
    assert "subscription" not in stripe.simulation.store.counts()
    declined = subscribed(
        stripe,
        customer=with_card(stripe, "pm_card_chargeCustomerFail"),
        payment_behavior="error_if_incomplete",
        **{"items[0][price]": price},
    )
    assert (declined.status, declined.error["code"]) == (402, "card_declined")


def test_a_subscription_is_paid_with_a_payment_method_of_its_customer_only() -> None:
    stripe = simulated()
    customer, price = with_card(stripe), priced(stripe)
    settings = stripe.get(f"/v1/customers/{customer}").body["invoice_settings"]
    params = {
        "items[0][price]": price,
        "default_payment_method": settings["default_payment_method"],
    }
    assert subscribed(stripe, customer=customer, **params).body["status"] == "active"
    foreign = subscribed(stripe, customer="cus_1", **params)
    assert (foreign.status, foreign.error["param"]) == (400, "default_payment_method")


def test_a_subscription_changes_and_is_canceled() -> None:
    stripe = simulated()
    price, dearer = priced(stripe), priced(stripe, {"unit_amount": 1900})
    made = subscribed(stripe, customer=with_card(stripe), **{"items[0][price]": price}).body
    path, item = f"/v1/subscriptions/{made['id']}", made["items"]["data"][0]["id"]
    changed = stripe.post(path, {"items[0][id]": item, "items[0][price]": dearer})
    assert [(i["id"], i["price"]["id"]) for i in changed.body["items"]["data"]] == [(item, dearer)]
    ending = stripe.post(path, {"cancel_at_period_end": "true"})
    assert ending.body["cancel_at"] == ending.body["items"]["data"][0]["current_period_end"]
    gone = stripe.delete(path)
    assert (gone.body["status"], gone.body["ended_at"] is None) == ("canceled", False)
    assert stripe.delete(path).status == 404
    assert stripe.get("/v1/subscriptions").body["data"] == []
    listed = stripe.get("/v1/subscriptions", {"status": "all"}).body["data"]
    assert [one["id"] for one in listed] == [made["id"]]


def test_a_list_is_read_page_by_page_in_both_directions() -> None:
    stripe = simulated()
    ids = [stripe.post("/v1/products", {"name": f"P{n}"}).body["id"] for n in range(5)]
    stripe.delete(f"/v1/products/{ids.pop(2)}")
    newest = ids[::-1]

    def page(**params: Any) -> tuple[list[str], bool]:
        body = stripe.get("/v1/products", params).body
        assert (body["object"], body["url"]) == ("list", "/v1/products")
        return [one["id"] for one in body["data"]], body["has_more"]

    assert page() == (newest, False)
    assert page(limit=2) == (newest[:2], True)
    assert page(limit=2, starting_after=newest[1]) == (newest[2:], False)
    assert page(limit=2, ending_before=newest[3]) == (newest[1:3], True)
    assert page(ending_before=newest[0]) == ([], False)
    assert stripe.get("/v1/products", {"limit": 0}).error["param"] == "limit"
    missing = stripe.get("/v1/products", {"starting_after": "prod_none"})
    assert (missing.status, missing.error["code"]) == (400, "resource_missing")


def test_lists_are_filtered() -> None:
    stripe = simulated()
    other = stripe.post("/v1/customers", {"email": "ada@example.com"}).body
    found = stripe.get("/v1/customers", {"email": "ada@example.com"}).body["data"]
    assert [one["id"] for one in found] == [other["id"]]
    assert stripe.get("/v1/customers", {"created[gt]": other["created"]}).body["data"] == []
    assert len(stripe.get("/v1/customers", {"created[gte]": 0}).body["data"]) == 2
    stripe.post("/v1/payment_intents", {"amount": 500, "currency": "usd", "customer": "cus_1"})
    stripe.post("/v1/payment_intents", {"amount": 500, "currency": "usd"})
    mine = stripe.get("/v1/payment_intents", {"customer": "cus_1", "expand[]": "data.customer"})
    assert [one["customer"]["id"] for one in mine.body["data"]] == ["cus_1"]
    price = priced(stripe, {"lookup_key": "tea", "recurring[interval]": "year"})
    for query in ({"lookup_keys[]": "tea"}, {"recurring[interval]": "year"}, {"type": "recurring"}):
        assert [p["id"] for p in stripe.get("/v1/prices", query).body["data"]] == [price]
    assert stripe.get("/v1/prices", {"lookup_keys[]": "milk"}).body["data"] == []


@pytest.mark.parametrize("path", ["amount", "nonsense", "customer.balance", "a.b.c.d.e"])
def test_what_cannot_be_expanded_is_refused_and_nothing_is_done(path: str) -> None:
    stripe = simulated()
    params = {"amount": 500, "currency": "usd", "customer": "cus_1", "expand[]": path}
    refused = stripe.post("/v1/payment_intents", params)
    assert (refused.status, refused.error["param"]) == (400, "expand")
    assert "payment_intent" not in stripe.simulation.store.counts()


def test_what_the_simulator_does_not_know_is_said() -> None:
    stripe = simulated()
    assert stripe.get("/v1/nonsense").status == 404
    told = stripe.get("/v1/quotes/qt_1/pdf")
    assert (told.status, "no file" in told.error["message"]) == (404, True)
    assert stripe.get("/v1/account").body["object"] == "account"
    assert stripe.get("/v1/account", headers={"Stripe-Version": "newest"}).status == 400


@pytest.mark.parametrize(
    ("start", "interval", "count", "end"),
    [
        (1_769_817_600, "month", 1, 1_772_236_800),  # 31 January 2026 → 28 February
        (1_709_164_800, "year", 1, 1_740_700_800),  # 29 February 2024 → 28 February
        (1_769_817_600, "week", 2, 1_771_027_200),
    ],
)
def test_a_period_ends_on_the_last_day_a_month_has(
    start: int, interval: str, count: int, end: int
) -> None:
    assert period_end(start, {"interval": interval, "interval_count": count}) == end
