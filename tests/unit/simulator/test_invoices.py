"""Invoices, their lines, coupons and credit notes."""

from __future__ import annotations

import pytest

from tests.unit.simulator.simulated import simulated
from tests.unit.simulator.simulated_billing import types
from tests.unit.simulator.test_resources import priced, subscribed, with_card


def test_an_invoice_goes_from_draft_to_paid() -> None:
    stripe = simulated()
    customer = with_card(stripe)
    made = stripe.post("/v1/invoices", {"customer": customer}).body
    assert (made["status"], made["total"], made["billing_reason"]) == ("draft", 0, "manual")
    for amount in (700, 300):
        item = {"customer": customer, "invoice": made["id"], "amount": amount, "currency": "usd"}
        assert stripe.post("/v1/invoiceitems", item).body["invoice"] == made["id"]
    path = f"/v1/invoices/{made['id']}"
    assert [line["amount"] for line in stripe.get(f"{path}/lines").body["data"]] == [700, 300]
    opened = stripe.post(f"{path}/finalize").body
    assert (opened["status"], opened["amount_due"], opened["amount_remaining"]) == (
        "open",
        1000,
        1000,
    )
    assert opened["number"].endswith("-0001")
    paid = stripe.post(f"{path}/pay").body
    assert (paid["status"], paid["amount_paid"], paid["amount_remaining"]) == ("paid", 1000, 0)
    assert paid["status_transitions"]["paid_at"] is not None
    again = stripe.post(f"{path}/pay")
    assert (again.status, again.error["message"]) == (400, "Invoice is already paid")
    listed = stripe.get("/v1/invoice_payments", {"invoice": made["id"]}).body["data"]
    assert [one["status"] for one in listed] == ["paid"]
    assert stripe.get("/v1/charges", {"customer": customer}).body["data"][0]["amount"] == 1000
    told = types(stripe)
    assert told[told.index("invoice.created") :] == [
        "invoice.created", "invoiceitem.created", "invoice.updated", "invoiceitem.created",
        "invoice.updated", "invoice.finalized", "payment_intent.created", "customer.updated",
        "charge.succeeded", "payment_intent.succeeded", "invoice_payment.paid", "invoice.paid",
        "invoice.payment_succeeded",
    ]  # fmt: skip


def test_an_invoice_whose_card_declines_stays_open() -> None:
    stripe = simulated()
    customer = with_card(stripe, "pm_card_chargeCustomerFail")
    made = stripe.post("/v1/invoices", {"customer": customer}).body
    item = {"customer": customer, "invoice": made["id"], "amount": 900, "currency": "usd"}
    stripe.post("/v1/invoiceitems", item)
    declined = stripe.post(f"/v1/invoices/{made['id']}/pay")
    assert (declined.status, declined.error["code"]) == (402, "card_declined")
    kept = stripe.get(f"/v1/invoices/{made['id']}").body
    assert (kept["status"], kept["attempt_count"]) == ("open", 1)
    assert "invoice.payment_failed" in types(stripe)
    paid = stripe.post(f"/v1/invoices/{made['id']}/pay", {"payment_method": "pm_card_visa"})
    assert paid.body["status"] == "paid"


@pytest.mark.parametrize(
    ("verb", "status", "event"),
    [
        ("void", "void", "invoice.voided"),
        ("mark_uncollectible", "uncollectible", "invoice.marked_uncollectible"),
    ],
)
def test_an_open_invoice_can_be_given_up(verb: str, status: str, event: str) -> None:
    stripe = simulated()
    made = stripe.post("/v1/invoices", {"customer": "cus_1"}).body
    path = f"/v1/invoices/{made['id']}"
    assert stripe.post(f"{path}/{verb}").status == 400
    item = {"customer": "cus_1", "invoice": made["id"], "amount": 900, "currency": "usd"}
    stripe.post("/v1/invoiceitems", item)
    stripe.post(f"{path}/finalize")
    assert stripe.post(f"{path}/{verb}").body["status"] == status
    assert types(stripe)[-1] == event
    assert stripe.delete(path).status == 400


def test_pending_items_wait_for_an_invoice_that_takes_them() -> None:
    stripe = simulated()
    price = stripe.post(
        "/v1/prices", {"currency": "usd", "unit_amount": 250, "product_data[name]": "Tea"}
    ).body["id"]
    item = {"customer": "cus_1", "pricing[price]": price, "quantity": 3}
    made = stripe.post("/v1/invoiceitems", item).body
    assert (made["amount"], made["description"], made["invoice"]) == (750, "Tea", None)
    empty = stripe.post("/v1/invoices", {"customer": "cus_1"}).body
    assert empty["lines"]["data"] == []
    params = {"customer": "cus_1", "pending_invoice_items_behavior": "include"}
    full = stripe.post("/v1/invoices", params).body
    assert (full["total"], full["lines"]["data"][0]["quantity"]) == (750, 3)


def test_a_coupon_takes_off_what_it_says() -> None:
    stripe = simulated()
    coupon = stripe.post("/v1/coupons", {"percent_off": 25, "id": "SPRING"}).body
    assert stripe.post("/v1/coupons", {"percent_off": 5, "id": "SPRING"}).status == 400
    code = stripe.post(
        "/v1/promotion_codes",
        {"promotion[type]": "coupon", "promotion[coupon]": coupon["id"], "code": "tea25"},
    ).body
    customer = with_card(stripe)
    made = subscribed(
        stripe,
        customer=customer,
        **{
            "items[0][price]": priced(stripe),
            "discounts[0][promotion_code]": code["id"],
            "expand[]": "latest_invoice",
        },
    ).body
    invoice = made["latest_invoice"]
    assert (invoice["subtotal"], invoice["total"], invoice["amount_paid"]) == (900, 675, 675)
    assert stripe.get("/v1/coupons/SPRING").body["times_redeemed"] == 1
    for wrong in ({}, {"percent_off": 101}, {"amount_off": 5}):
        assert stripe.post("/v1/coupons", wrong).status == 400


def test_a_lookup_key_names_one_price() -> None:
    stripe = simulated()
    first = priced(stripe, {"lookup_key": "tea"})
    params = {"currency": "usd", "unit_amount": 5, "product_data[name]": "T", "lookup_key": "tea"}
    assert stripe.post("/v1/prices", params).error["param"] == "lookup_key"
    second = stripe.post("/v1/prices", params | {"transfer_lookup_key": "true"}).body["id"]
    found = stripe.get("/v1/prices", {"lookup_keys[]": "tea"}).body["data"]
    assert [one["id"] for one in found] == [second]
    assert stripe.get(f"/v1/prices/{first}").body["lookup_key"] is None


def test_a_credit_note_lowers_an_open_invoice_and_refunds_a_paid_one() -> None:
    stripe = simulated()
    customer = with_card(stripe)
    for paid in (False, True):
        made = stripe.post("/v1/invoices", {"customer": customer}).body
        item = {"customer": customer, "invoice": made["id"], "amount": 900, "currency": "usd"}
        stripe.post("/v1/invoiceitems", item)
        path = f"/v1/invoices/{made['id']}"
        stripe.post(f"{path}/{'pay' if paid else 'finalize'}")
        note = {"invoice": made["id"], "amount": 400} | ({"refund_amount": 400} if paid else {})
        credited = stripe.post("/v1/credit_notes", note).body
        assert credited["type"] == ("post_payment" if paid else "pre_payment")
        assert stripe.post("/v1/credit_notes", note | {"amount": 600}).status == 400
        left = stripe.get(path).body["amount_remaining"]
        assert left == (0 if paid else 500)
    assert [one["amount"] for one in stripe.get("/v1/refunds").body["data"]] == [400]
