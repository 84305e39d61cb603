"""`expand[]`: expanded fields, also in the answer of a create."""

from __future__ import annotations

from tests.unit.simulator.simulated import simulated
from tests.unit.simulator.test_resources import priced, subscribed, with_card


def test_what_the_request_itself_made_is_in_its_answer() -> None:
    stripe = simulated()
    customer = with_card(stripe)
    params = {"items[0][price]": priced(stripe), "expand[0]": "latest_invoice.payments.data"}
    made = subscribed(stripe, customer=customer, **params)
    (payment,) = made.body["latest_invoice"]["payments"]["data"]
    assert payment["status"] == "paid"
    shown = stripe.get(f"/v1/customers/{customer}", {"expand[]": "subscriptions"}).body
    assert [one["id"] for one in shown["subscriptions"]["data"]] == [made.body["id"]]


def test_each_name_of_a_path_is_a_level() -> None:
    stripe = simulated()
    intent = stripe.post(
        "/v1/payment_intents",
        {"amount": 500, "currency": "usd", "confirm": "true", "payment_method": "pm_card_visa"},
    ).body
    url = f"/v1/payment_intents/{intent['id']}"
    deep = "latest_charge.payment_intent.latest_charge.balance_transaction"
    assert stripe.get(url, {"expand[]": deep}).status == 200
    for path, one in ((url, f"{deep}.source"), ("/v1/payment_intents", f"data.{deep}")):
        refused = stripe.get(path, {"expand[]": one})
        assert refused.status == 400
        assert refused.error["code"] == "property_expansion_max_depth"
        assert refused.error["message"].endswith(f"Property: {one}")


def test_what_is_refused_for_its_depth_changes_nothing() -> None:
    stripe = simulated()
    stripe.post("/v1/customers", {"expand[]": "a.b.c.d.e", "name": "Ada"})
    assert len(stripe.get("/v1/customers").body["data"]) == 1
