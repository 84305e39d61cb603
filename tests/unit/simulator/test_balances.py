"""Balances: amounts too small to charge, credits of a customer, and credit notes."""

from __future__ import annotations

from typing import Any

from tests.unit.simulator.simulated import Answer, Simulated, simulated
from tests.unit.simulator.test_resources import with_card


def finalized(stripe: Simulated, customer: str, amount: int) -> dict[str, Any]:
    """An invoice over an amount."""
    made = stripe.post("/v1/invoices", {"customer": customer}).body
    item = {"customer": customer, "invoice": made["id"], "amount": amount, "currency": "usd"}
    assert stripe.post("/v1/invoiceitems", item).status == 200
    return stripe.post(f"/v1/invoices/{made['id']}/finalize").body


def balance(stripe: Simulated, customer: str) -> int:
    found: int = stripe.get(f"/v1/customers/{customer}").body["balance"]
    return found


def test_what_is_too_little_to_be_charged_is_owed_with_the_next_invoice() -> None:
    stripe = simulated()
    customer = with_card(stripe)
    small = finalized(stripe, customer, 30)
    assert (small["total"], small["amount_due"], small["status"]) == (30, 0, "paid")
    assert (small["ending_balance"], balance(stripe, customer)) == (30, 30)
    rows = stripe.get(f"/v1/customers/{customer}/balance_transactions").body["data"]
    assert [(row["type"], row["amount"]) for row in rows] == [("invoice_too_small", 30)]
    following = finalized(stripe, customer, 1000)
    assert (following["starting_balance"], following["amount_due"]) == (30, 1030)
    assert (following["ending_balance"], balance(stripe, customer)) == (0, 0)


def test_an_invoice_below_nothing_is_a_credit() -> None:
    stripe = simulated()
    customer = with_card(stripe)
    made = finalized(stripe, customer, -700)
    assert (made["amount_due"], made["status"], made["ending_balance"]) == (0, "paid", -700)
    assert balance(stripe, customer) == -700


def test_a_credit_given_while_it_was_a_draft_is_used() -> None:
    stripe = simulated()
    customer = with_card(stripe)
    made = stripe.post("/v1/invoices", {"customer": customer}).body
    item = {"customer": customer, "invoice": made["id"], "amount": 1000, "currency": "usd"}
    stripe.post("/v1/invoiceitems", item)
    credit = {"amount": -400, "currency": "usd"}
    stripe.post(f"/v1/customers/{customer}/balance_transactions", credit)
    found = stripe.post(f"/v1/invoices/{made['id']}/finalize").body
    assert (found["starting_balance"], found["amount_due"]) == (-400, 600)
    assert (found["amount_remaining"], balance(stripe, customer)) == (600, 0)


def credited(stripe: Simulated, invoice: str, **shares: int) -> Answer:
    return stripe.post("/v1/credit_notes", {"invoice": invoice, "amount": 600, **shares})


def test_a_credit_note_gives_back_what_was_paid_no_less_and_no_more() -> None:
    stripe = simulated()
    customer = with_card(stripe)
    invoice = finalized(stripe, customer, 1000)["id"]
    assert stripe.post(f"/v1/invoices/{invoice}/pay").body["status"] == "paid"
    wrong: list[dict[str, int]] = [
        {},
        {"refund_amount": 500},
        {"refund_amount": 500, "credit_amount": 101},
    ]
    for shares in wrong:
        refused = credited(stripe, invoice, **shares)
        assert (refused.status, refused.error["param"]) == (400, "amount"), shares
    three = {"refund_amount": 300, "credit_amount": 200, "out_of_band_amount": 100}
    made = credited(stripe, invoice, **three).body
    assert (made["post_payment_amount"], made["out_of_band_amount"]) == (600, 100)
    assert [row["amount_refunded"] for row in made["refunds"]] == [300]
    assert balance(stripe, customer) == -200
    refund = made["refunds"][0]["refund"]
    linked = {"invoice": invoice, "amount": 300, "refunds[0][refund]": refund}
    assert stripe.post("/v1/credit_notes", linked).body["refunds"][0]["amount_refunded"] == 300
    more = credited(stripe, invoice, credit_amount=600)
    assert (more.status, more.error["param"]) == (400, "amount")
