"""Changes of subscriptions that wait for their payment, and refused changes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulator.simulated import Simulated, simulated
from tests.unit.simulator.simulated_billing import advanced, on_a_clock, types
from tests.unit.simulator.test_resources import priced, subscribed, with_card

PENDING = {"payment_behavior": "pending_if_incomplete", "proration_behavior": "always_invoice"}


def waiting(stripe: Simulated) -> tuple[str, dict[str, Any]]:
    """A clock, and a subscription to a cheap price whose change to three of it is not paid."""
    clock, customer = on_a_clock(stripe)
    made = subscribed(stripe, customer=customer, **{"items[0][price]": priced(stripe)}).body
    failing = stripe.post(
        "/v1/payment_methods/pm_card_chargeCustomerFail/attach", {"customer": customer}
    ).body["id"]
    path = f"/v1/subscriptions/{made['id']}"
    stripe.post(path, {"default_payment_method": failing})
    item = {"items[0][id]": made["items"]["data"][0]["id"], "items[0][quantity]": 3}
    found = stripe.post(path, item | PENDING | {"expand[]": "latest_invoice"})
    assert found.status == 200, found.body
    return clock, found.body


def test_a_change_that_is_not_paid_waits_and_the_subscription_goes_on() -> None:
    stripe = simulated()
    _, found = waiting(stripe)
    assert (found["status"], found["items"]["data"][0]["quantity"]) == ("active", 1)
    update = found["pending_update"]
    assert [row["quantity"] for row in update["subscription_items"]] == [3]
    assert update["expires_at"] == 1_770_000_000 + 23 * 3600
    assert found["latest_invoice"]["status"] == "open"
    assert found["latest_invoice"]["amount_due"] == 2 * 900


def test_a_pending_update_is_applied_when_its_invoice_is_paid() -> None:
    stripe = simulated()
    _, found = waiting(stripe)
    method = {"payment_method": "pm_card_visa"}
    paid = stripe.post(f"/v1/invoices/{found['latest_invoice']['id']}/pay", method)
    assert paid.body["status"] == "paid"
    found = stripe.get(f"/v1/subscriptions/{found['id']}").body
    assert (found["pending_update"], found["items"]["data"][0]["quantity"]) == (None, 3)
    assert "customer.subscription.pending_update_applied" in types(stripe)


@pytest.mark.parametrize("by", ["void", "time", "change", "end"])
def test_a_pending_update_is_dropped_with_its_invoice(by: str) -> None:
    stripe = simulated()
    clock, found = waiting(stripe)
    path, invoice = (
        f"/v1/subscriptions/{found['id']}",
        f"/v1/invoices/{found['latest_invoice']['id']}",
    )
    if by == "void":
        stripe.post(f"{invoice}/void")
    elif by == "time":
        advanced(stripe, clock, found["pending_update"]["expires_at"])
    elif by == "change":
        item = {"items[0][id]": found["items"]["data"][0]["id"], "items[0][quantity]": 1}
        stripe.post(path, item)
    else:
        stripe.delete(path)
    assert stripe.get(invoice).body["status"] == "void"
    found = stripe.get(path).body
    assert (found["pending_update"], found["items"]["data"][0]["quantity"]) == (None, 1)
    assert "customer.subscription.pending_update_expired" in types(stripe)


def test_a_change_that_is_paid_at_once_does_not_wait() -> None:
    stripe = simulated()
    params = {"items[0][price]": priced(stripe)}
    made = subscribed(stripe, customer=with_card(stripe), **params).body
    item = {"items[0][id]": made["items"]["data"][0]["id"], "items[0][quantity]": 3}
    found = stripe.post(f"/v1/subscriptions/{made['id']}", item | PENDING).body
    assert (found["pending_update"], found["items"]["data"][0]["quantity"]) == (None, 3)


def test_what_cannot_wait_is_refused() -> None:
    stripe = simulated()
    params = {"items[0][price]": priced(stripe)}
    refused = subscribed(stripe, customer=with_card(stripe), **params, **PENDING)
    assert (refused.status, refused.error["param"]) == (400, "payment_behavior")
    made = subscribed(stripe, customer=with_card(stripe), **params).body
    refused = stripe.post(f"/v1/subscriptions/{made['id']}", PENDING | {"metadata[a]": "1"})
    assert (refused.status, refused.error["param"]) == (400, "metadata")


def test_the_last_item_cannot_be_taken_away() -> None:
    stripe = simulated()
    params = {"items[0][price]": priced(stripe)}
    made = subscribed(stripe, customer=with_card(stripe), **params).body
    item = made["items"]["data"][0]["id"]
    gone = {"items[0][id]": item, "items[0][deleted]": "true"}
    refused = stripe.post(f"/v1/subscriptions/{made['id']}", gone)
    assert refused.status == 400
    assert refused.error["message"].startswith("A subscription must have at least one active plan")
    assert stripe.delete(f"/v1/subscription_items/{item}").status == 400


def test_a_negative_quantity_is_refused() -> None:
    stripe = simulated()
    params = {"items[0][price]": priced(stripe), "items[0][quantity]": -1}
    refused = subscribed(stripe, customer=with_card(stripe), **params)
    assert refused.status == 400
    assert refused.error["code"] == "parameter_invalid_integer"
    assert refused.error["param"] == "items[0][quantity]"
    item = {"customer": "cus_1", "currency": "usd", "unit_amount_decimal": 5, "quantity": -2}
    assert stripe.post("/v1/invoiceitems", item).error["code"] == "parameter_invalid_integer"
