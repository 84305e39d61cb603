"""The examples of what comes after a payment: refund, dispute, another card."""

from __future__ import annotations

import re
from typing import Any

import pytest
import stripe

from tests.integration.examples.shop import CARD, Shop, flows_of, why


def paid(shop: Shop, **given: Any) -> stripe.PaymentIntent:
    """A payment of 20 dollars."""
    payment: Any = {"amount": 2000, "currency": "usd", "confirm": True, **CARD}
    return shop.stripe.v1.payment_intents.create(
        payment | {"payment_method": "pm_card_visa"} | given
    )


def test_a_payment_is_given_back_in_parts_and_then_not_again(shop: Shop) -> None:
    payment = paid(shop)
    part = shop.run("refund", "refund-1", payment_intent=payment.id, amount=500)
    rest = shop.run("refund", "refund-2", payment_intent=payment.id)
    more = shop.run("refund", "refund-3", payment_intent=payment.id)
    assert [run.status() for run in (part, rest, more)] == ["succeeded"] * 3
    refunds = shop.stripe.v1.refunds.list({"payment_intent": payment.id}).data
    assert [refund.amount for refund in refunds] == [1500, 500]
    assert {refund.reason for refund in refunds} == {"requested_by_customer"}
    assert part.output() == f"{refunds[1].id} of 500 usd is succeeded\n"
    assert more.output() == "it was given back before\n"
    assert flows_of(more) == ["refund", "refund_payment_response", "refund_made_error"]

    # The same refund, started twice, is one.
    before = shop.received()
    shop.run("refund", "refund-1", payment_intent=payment.id, amount=500)
    assert shop.received() == before


def test_a_refund_has_a_payment_of_its_own_where_none_is_named(shop: Shop) -> None:
    run = shop.run("refund")
    (payment,) = shop.stripe.v1.payment_intents.list().data
    (refund,) = shop.stripe.v1.refunds.list().data
    assert (refund.payment_intent, refund.amount) == (payment.id, 2000)
    assert flows_of(run) == ["refund", "refund_payment_response", "refund_made_response"]


def test_what_was_not_taken_yet_is_let_go(shop: Shop) -> None:
    payment = paid(shop, capture_method="manual")
    run = shop.run("refund", payment_intent=payment.id)
    assert run.output() == f"{payment.id} is canceled: nothing had been taken\n"
    assert shop.stripe.v1.payment_intents.retrieve(payment.id).status == "canceled"
    assert "create_refund" not in shop.received()


def test_more_than_was_paid_is_not_given_back(shop: Shop) -> None:
    run = shop.run("refund", payment_intent=paid(shop).id, amount=2001)
    assert run.status() == "failed"
    assert "flows/examples/refund_made_error.py:2: RuntimeError: " in why(run)
    assert shop.stripe.v1.refunds.list().data == []


@pytest.mark.parametrize(
    ("evidence", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")]
)
def test_a_dispute_is_answered_and_won_or_lost(shop: Shop, evidence: str, status: str) -> None:
    paid(shop, payment_method="pm_card_createDisputeProductNotReceived")
    (opened,) = shop.stripe.v1.disputes.list().data
    answer = {"uncategorized_text": evidence, "product_description": "Tea"}
    run = shop.run("dispute", "evt_1", dispute=opened.id, evidence=answer)
    assert run.status() == "succeeded"
    assert flows_of(run) == ["dispute", "dispute_opened_response", "dispute_answered_response"]
    found = shop.stripe.v1.disputes.retrieve(opened.id)
    assert (found.status, found.evidence.product_description) == (status, "Tea")
    assert found.evidence_details.submission_count == 1
    assert run.output().splitlines() == [
        f"{opened.id}: 2000 usd, product_not_received",
        f"{opened.id} is {status}",
    ]
    assert len(found.balance_transactions) == (2 if status == "won" else 1)

    # Another event of it finds it answered.
    again = shop.run("dispute", "evt_2", dispute=opened.id)
    assert again.output() == f"{opened.id} is {status}: there is nothing to answer\n"
    assert shop.received().count("update_dispute") == 1


def test_a_dispute_is_looked_at_again_when_the_bank_has_decided(shop: Shop) -> None:
    paid(shop, payment_method="pm_card_createDispute")
    (opened,) = shop.stripe.v1.disputes.list().data
    answer = {"product_description": "Tea"}
    run = shop.run("dispute", "evt_1", dispute=opened.id, evidence=answer)
    assert run.output().endswith(f"{opened.id} is under_review\n")
    shop.stripe.v1.disputes.close(opened.id)  # as the bank would
    assert shop.events()[-1] == "charge.dispute.closed"
    closed = shop.run("dispute_closed", "evt_2", dispute=opened.id)
    assert closed.output() == f"{opened.id} is lost\n"


def test_a_dispute_is_not_answered_without_evidence(shop: Shop) -> None:
    paid(shop, payment_method="pm_card_createDispute")
    (opened,) = shop.stripe.v1.disputes.list().data
    run = shop.run("dispute", dispute=opened.id)
    assert run.status() == "failed"
    assert "flows/examples/dispute_opened_response.py:5: KeyError: evidence" in why(run)
    assert shop.stripe.v1.disputes.retrieve(opened.id).status == "needs_response"


def test_a_sample_dispute_is_won(shop: Shop) -> None:
    run = shop.run("dispute")
    assert run.output().endswith(" is won\n")
    assert flows_of(run)[:3] == ["dispute", "dispute_sample_response", "dispute_list_response"]
    (found,) = shop.stripe.v1.disputes.list().data
    assert found.status == "won"


def default_of(shop: Shop, customer: str) -> str:
    """The last four digits of the card that a customer is charged with."""
    found = shop.stripe.v1.customers.retrieve(
        customer, {"expand": ["invoice_settings.default_payment_method"]}
    )
    assert found.invoice_settings is not None
    default = found.invoice_settings.default_payment_method
    if default is None:
        return ""
    assert isinstance(default, stripe.PaymentMethod)
    assert default.customer == customer
    assert default.card is not None
    return default.card.last4


def test_a_new_card_becomes_the_one_that_is_charged(shop: Shop) -> None:
    customer = shop.stripe.v1.customers.create(
        {
            "payment_method": "pm_card_visa",
            "invoice_settings": {"default_payment_method": "pm_card_visa"},
        }
    )
    assert default_of(shop, customer.id) == "4242"
    run = shop.run("card", customer=customer.id)
    assert run.status() == "succeeded"
    assert flows_of(run) == [
        "card",
        "card_customer_response",
        "card_setup_response",
        "card_default_response",
    ]
    assert default_of(shop, customer.id) == "4444"
    assert re.fullmatch(rf"{customer.id} is charged with pm_\w+ from now on\n", run.output())

    # One that is declined leaves the other in its place.
    declined = shop.run(
        "card", "card-2", customer=customer.id, payment_method="pm_card_chargeDeclined"
    )
    assert declined.output() == "declined: generic_decline\n"
    assert declined.status() == "succeeded"
    assert default_of(shop, customer.id) == "4444"


@pytest.mark.parametrize("success", [True, False])
def test_a_new_card_may_have_to_be_confirmed(shop: Shop, success: bool) -> None:
    run = shop.run("card", payment_method="pm_card_authenticationRequired")
    (setup,) = shop.stripe.v1.setup_intents.list().data
    assert run.output().startswith(f"{setup.id} has to be confirmed at https://")
    assert isinstance(setup.customer, str)
    assert default_of(shop, setup.customer) == ""

    shop.simulator.authenticate(setup.id, success=success)
    back = shop.run("card_returned", "evt_1", setup_intent=setup.id)
    assert back.status() == "succeeded"
    if success:
        assert default_of(shop, setup.customer) == "3184"
        assert flows_of(back)[-1] == "card_default_response"
    else:
        expected = f"{setup.id} is requires_payment_method: the card is not saved\n"
        assert back.output() == expected
        assert default_of(shop, setup.customer) == ""
