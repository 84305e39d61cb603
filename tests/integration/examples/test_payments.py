"""The examples that take a payment: checkout, 3-D Secure, retry, and the marketplace's split."""

from __future__ import annotations

import pytest
import requests
import stripe

from tests.integration.examples.shop import Shop, flows_of, why


def test_a_checkout_is_fulfilled_once(shop: Shop) -> None:
    # Given an open checkout, whose page the customer is sent to,
    opened = shop.run("checkout", amount=1200, quantity=3)
    assert opened.status() == "succeeded"
    (session,) = shop.stripe.v1.checkout.sessions.list().data
    assert (session.status, session.amount_total) == ("open", 3600)
    assert session.client_reference_id == "context-1"
    assert opened.output() == f"{session.id} is open: the customer pays at {session.url}\n"

    # when it is paid after a card was declined, and Stripe tells of it,
    with pytest.raises(requests.HTTPError):
        shop.simulator.complete(session.id, payment_method="pm_card_chargeDeclined")
    shop.simulator.complete(session.id)
    assert shop.events()[-1] == "checkout.session.completed"
    told = shop.run("checkout_completed", "evt_1", session=session.id)

    # then it is shipped, and the payment says so.
    assert told.status() == "succeeded"
    assert flows_of(told) == [
        "checkout_completed",
        "checkout_paid_response",
        "checkout_shipped_response",
    ]
    (payment,) = shop.stripe.v1.payment_intents.list().data
    assert (payment.status, payment.amount_received) == ("succeeded", 3600)
    assert payment.metadata["shipped"] == "yes"
    assert told.output() == f"ship 3 x Tea\n{payment.id} is marked as shipped\n"

    # An event that is delivered twice starts nothing; another event of it ships nothing.
    before = shop.received()
    assert shop.run("checkout_completed", "evt_1", session=session.id).output() == told.output()
    assert shop.received() == before
    again = shop.run("checkout_completed", "evt_2", session=session.id)
    assert again.output() == f"{session.id} was shipped before\n"
    assert shop.received() == [*before, "retrieve_checkout_session"]


def test_a_checkout_that_is_not_paid_is_not_shipped(shop: Shop) -> None:
    shop.run("checkout")
    (session,) = shop.stripe.v1.checkout.sessions.list().data
    told = shop.run("checkout_completed", "evt_1", session=session.id)
    assert told.output() == f"{session.id} is unpaid: nothing is shipped yet\n"
    assert shop.stripe.v1.payment_intents.list().data == []


@pytest.mark.parametrize("success", [True, False])
def test_a_payment_is_confirmed_at_the_bank(shop: Shop, success: bool) -> None:
    asked = shop.run("three_d_secure", amount=4500)
    (payment,) = shop.stripe.v1.payment_intents.list().data
    assert (asked.status(), payment.status) == ("succeeded", "requires_action")
    assert payment.next_action is not None
    assert payment.next_action.redirect_to_url is not None
    url = payment.next_action.redirect_to_url.url
    assert asked.output() == f"{payment.id} has to be confirmed at {url}\n"

    shop.simulator.authenticate(payment.id, success=success)
    back = shop.run("three_d_secure_returned", "back-42", payment_intent=payment.id)
    found = shop.stripe.v1.payment_intents.retrieve(payment.id)
    assert back.status() == "succeeded"
    assert flows_of(back) == ["three_d_secure_returned", "three_d_secure_payment_response"]
    if success:
        assert (found.status, found.amount_received) == ("succeeded", 4500)
        assert back.output() == f"{payment.id} is succeeded\n"
    else:
        assert (found.status, found.amount_received) == ("requires_payment_method", 0)
        assert back.output().startswith(f"{payment.id} failed: ")


def test_a_payment_need_not_be_confirmed(shop: Shop) -> None:
    paid = shop.run("three_d_secure", payment_method="pm_card_visa")
    (payment,) = shop.stripe.v1.payment_intents.list().data
    assert payment.status == "succeeded"
    assert paid.output() == f"{payment.id} is succeeded\n"


def test_a_declined_card_is_a_normal_thing_and_a_mistake_is_not(shop: Shop) -> None:
    declined = shop.run("three_d_secure", payment_method="pm_card_chargeDeclinedLostCard")
    assert declined.status() == "succeeded"
    assert flows_of(declined) == ["three_d_secure", "declined_error"]
    assert declined.output() == "declined: lost_card\n"

    mistaken = shop.run("three_d_secure", "order-43", amount=1)
    assert mistaken.status() == "failed"
    assert "flows/examples/declined_error.py:3: RuntimeError: " in why(mistaken)
    assert mistaken.output() == ""


def test_the_next_card_is_tried_when_one_is_declined(shop: Shop) -> None:
    run = shop.run("retry")
    assert run.status() == "succeeded"
    assert flows_of(run) == ["retry", "retry_payment_error", "retry_payment_response"]
    (payment,) = shop.stripe.v1.payment_intents.list().data
    assert (payment.status, payment.amount_received) == ("succeeded", 2000)
    charges = shop.stripe.v1.charges.list({"payment_intent": payment.id}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]
    assert run.output() == f"declined: insufficient_funds\n{payment.id} is succeeded\n"

    # A second start of the same is the same run.
    before = shop.received()
    assert shop.run("retry").output() == run.output()
    assert shop.received() == before


def test_where_all_cards_are_declined_the_payment_waits_for_another(shop: Shop) -> None:
    customer = shop.stripe.v1.customers.create({"email": "ada@example.com"})
    cards = []
    for card in ["pm_card_chargeCustomerFail", "pm_card_authenticationRequired"]:
        cards.append(shop.stripe.v1.payment_methods.attach(card, {"customer": customer.id}).id)
    run = shop.run("retry", customer=customer.id, cards=cards, amount=700)
    assert run.status() == "succeeded"
    assert flows_of(run) == ["retry", "retry_payment_error", "retry_payment_error"]
    (payment,) = shop.stripe.v1.payment_intents.list().data
    assert (payment.status, payment.customer) == ("requires_payment_method", customer.id)
    assert run.output().splitlines() == [
        "declined: generic_decline",
        "declined: authentication_required",
        f"{payment.id} waits for another card: ask the customer",
    ]


def test_no_other_card_is_tried_while_nobody_knows_whether_the_first_was_charged(
    shop: Shop,
) -> None:
    shop.simulator.faults(
        [{"kind": "reset_after", "operation": "create_payment_intent", "times": 2}]
    )
    run = shop.run("retry", cards=["pm_card_visa", "pm_card_mastercard"])
    assert run.status() == "succeeded"
    assert shop.received() == ["create_payment_intent"] * 3, "asked again, with the same key"
    assert shop.simulator.effects(at_least=2)["keys"] == {}
    (charge,) = shop.stripe.v1.charges.list().data
    assert charge.amount_captured == 2000
    assert flows_of(run) == ["retry", "retry_payment_response"]


def seller_of(shop: Shop) -> str:
    """A seller who went through Stripe's onboarding."""
    seller = shop.stripe.v1.accounts.create(
        {"type": "express", "capabilities": {"transfers": {"requested": True}}}
    )
    shop.simulator.onboard(seller.id)
    return seller.id


def test_a_sale_is_split_with_the_seller(shop: Shop) -> None:
    seller = seller_of(shop)
    run = shop.run("split", account=seller, amount=5000, fee=600)
    assert run.status() == "succeeded"
    assert flows_of(run) == ["split", "split_account_response", "split_payment_response"]
    (payment,) = shop.stripe.v1.payment_intents.list({"expand": ["data.latest_charge"]}).data
    (transfer,) = shop.stripe.v1.transfers.list().data
    (fee,) = shop.stripe.v1.application_fees.list().data
    assert (transfer.destination, transfer.amount, fee.amount) == (seller, 5000, 600)
    assert isinstance(payment.latest_charge, stripe.Charge)
    assert transfer.source_transaction == payment.latest_charge.id
    assert run.output() == f"{payment.id} is succeeded: 4400 for {seller}, 600 for us\n"


def test_a_seller_whom_stripe_does_not_know_yet_is_sent_to_onboarding(shop: Shop) -> None:
    run = shop.run("split")
    (seller,) = shop.stripe.v1.accounts.list().data
    assert run.status() == "succeeded"
    assert flows_of(run) == ["split", "split_account_response", "split_link_response"]
    assert run.output().startswith(f"{seller.id} cannot be paid yet: the seller goes to https://")
    assert "create_payment_intent" not in shop.received()

    # When the seller has told Stripe everything, the sale goes on.
    shop.simulator.onboard(seller.id)
    again = shop.run("split", "order-43", account=seller.id)
    assert again.output().endswith(f": 9000 for {seller.id}, 1000 for us\n")


def test_a_declined_sale_gives_the_seller_nothing(shop: Shop) -> None:
    seller = seller_of(shop)
    run = shop.run("split", account=seller, payment_method="pm_card_chargeDeclined")
    assert (run.status(), run.output()) == ("succeeded", "declined: generic_decline\n")
    assert shop.stripe.v1.transfers.list().data == []
    assert shop.stripe.v1.application_fees.list().data == []
    mistaken = shop.run("split", "order-43", account=seller, payment_method="pm_nobodys")
    assert mistaken.status() == "failed"
    assert "flows/examples/declined_error.py:3: RuntimeError: " in why(mistaken)
