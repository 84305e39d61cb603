"""`expand[]`: what is asked for is there, in the answer of the request that made it as well."""

from __future__ import annotations

from tests.unit.local.simulated import simulated
from tests.unit.local.test_simulator_resources import priced, subscribed, with_card


def test_what_the_request_itself_made_is_in_its_answer() -> None:
    stripe = simulated()
    customer = with_card(stripe)
    path = "latest_invoice.payments.data.payment.payment_intent"
    params = {"items[0][price]": priced(stripe), "expand[0]": path}
    made = subscribed(stripe, customer=customer, **params)
    (payment,) = made.body["latest_invoice"]["payments"]["data"]
    assert payment["payment"]["payment_intent"]["status"] == "succeeded"
    shown = stripe.get(f"/v1/customers/{customer}", {"expand[]": "subscriptions"}).body
    assert [one["id"] for one in shown["subscriptions"]["data"]] == [made.body["id"]]


def test_only_what_is_expanded_counts_as_a_level() -> None:
    stripe = simulated()
    intent = stripe.post(
        "/v1/payment_intents",
        {"amount": 500, "currency": "usd", "confirm": "true", "payment_method": "pm_card_visa"},
    ).body
    url = f"/v1/payment_intents/{intent['id']}"
    deep = "latest_charge.payment_intent.latest_charge.balance_transaction"
    assert stripe.get(url, {"expand[]": deep}).status == 200
    refused = stripe.get(url, {"expand[]": f"{deep}.source"})
    assert (refused.status, refused.error["param"]) == (400, "expand")
