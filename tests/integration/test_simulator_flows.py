"""Flows that people build, against the simulator as a process, with Stripe's own client."""

from __future__ import annotations

import pytest
import requests
import stripe

from stripe_flows.simulator.client import SimulatorClient
from tests.integration.simulator_process import SimulatorProcess, client_of


def paying_customer(official: stripe.StripeClient, card: str = "pm_card_visa") -> stripe.Customer:
    return official.v1.customers.create(
        {
            "email": "ada@example.com",
            "payment_method": card,
            "invoice_settings": {"default_payment_method": card},
        }
    )


def monthly(official: stripe.StripeClient, amount: int) -> stripe.Price:
    product = official.v1.products.create({"name": f"Plan of {amount}"})
    return official.v1.prices.create(
        {
            "product": product.id,
            "currency": "usd",
            "unit_amount": amount,
            "recurring": {"interval": "month"},
        }
    )


def types(official: stripe.StripeClient) -> list[str]:
    return [str(event.type) for event in official.v1.events.list({"limit": 100})][::-1]


def test_a_checkout_is_fulfilled(simulator: SimulatorClient, official: stripe.StripeClient) -> None:
    session = official.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "https://example.com/thanks",
            "line_items": [
                {
                    "quantity": 2,
                    "price_data": {
                        "currency": "usd",
                        "unit_amount": 1500,
                        "product_data": {"name": "Tea"},
                    },
                }
            ],
        }
    )
    assert (session.status, session.amount_total) == ("open", 3000)
    with pytest.raises(requests.HTTPError):
        simulator.complete(session.id, payment_method="pm_card_chargeDeclined")
    simulator.complete(session.id, email="ada@example.com")
    done = official.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent", "line_items"]}
    )
    assert (done.status, done.payment_status) == ("complete", "paid")
    assert isinstance(done.payment_intent, stripe.PaymentIntent)
    assert done.payment_intent.amount_received == 3000
    assert done.line_items is not None
    assert [item.quantity for item in done.line_items.data] == [2]
    assert done.customer_details is not None
    assert done.customer_details.email == "ada@example.com"
    assert types(official)[-1] == "checkout.session.completed"


def test_a_trial_becomes_a_paid_month_and_is_canceled(official: stripe.StripeClient) -> None:
    clock = official.v1.test_helpers.test_clocks.create({"frozen_time": 1_770_000_000})
    customer = official.v1.customers.create({"test_clock": clock.id})
    method = official.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    subscription = official.v1.subscriptions.create(
        {
            "customer": customer.id,
            "default_payment_method": method.id,
            "items": [{"price": monthly(official, 900).id}],
            "trial_period_days": 14,
        }
    )
    assert subscription.status == "trialing"
    assert subscription.trial_end is not None
    official.v1.test_helpers.test_clocks.advance(
        clock.id, {"frozen_time": subscription.trial_end + 7200}
    )
    found = official.v1.subscriptions.retrieve(subscription.id, {"expand": ["latest_invoice"]})
    assert found.status == "active"
    assert isinstance(found.latest_invoice, stripe.Invoice)
    assert (found.latest_invoice.status, found.latest_invoice.amount_paid) == ("paid", 900)
    ending = official.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    assert ending.cancel_at is not None
    official.v1.test_helpers.test_clocks.advance(clock.id, {"frozen_time": ending.cancel_at + 60})
    assert official.v1.subscriptions.retrieve(subscription.id).status == "canceled"
    kinds = [kind for kind in types(official) if kind.startswith("customer.subscription.")]
    assert kinds[0] == "customer.subscription.created"
    assert kinds[-1] == "customer.subscription.deleted"


def test_a_declined_invoice_is_paid_with_another_card(official: stripe.StripeClient) -> None:
    customer = paying_customer(official, "pm_card_chargeCustomerFail")
    invoice = official.v1.invoices.create({"customer": customer.id})
    official.v1.invoice_items.create(
        {"customer": customer.id, "invoice": invoice.id, "amount": 4200, "currency": "usd"}
    )
    with pytest.raises(stripe.CardError) as caught:
        official.v1.invoices.pay(invoice.id)
    assert caught.value.code == "card_declined"
    assert official.v1.invoices.retrieve(invoice.id).attempt_count == 1
    paid = official.v1.invoices.pay(invoice.id, {"payment_method": "pm_card_visa"})
    assert (paid.status, paid.amount_paid) == ("paid", 4200)
    assert [line.amount for line in paid.lines.data] == [4200]
    listed = official.v1.invoice_payments.list({"invoice": invoice.id})
    assert [one.status for one in listed.data] == ["paid"]


def test_a_refund_is_partial_and_then_full(official: stripe.StripeClient) -> None:
    intent = official.v1.payment_intents.create(
        {"amount": 2000, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}
    )
    official.v1.refunds.create({"payment_intent": intent.id, "amount": 500})
    official.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        official.v1.refunds.create({"payment_intent": intent.id})
    assert caught.value.code == "charge_already_refunded"
    found = official.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge.refunds"]})
    assert isinstance(found.latest_charge, stripe.Charge)
    assert found.latest_charge.refunds is not None
    assert [refund.amount for refund in found.latest_charge.refunds.data] == [1500, 500]


def test_a_marketplace_splits_a_payment(official: stripe.StripeClient) -> None:
    seller = official.v1.accounts.create({"type": "express", "country": "US"})
    official.v1.payment_intents.create(
        {
            "amount": 10_000,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_visa",
            "application_fee_amount": 1000,
            "transfer_data": {"destination": seller.id},
        }
    )
    transfer = official.v1.transfers.list({"destination": seller.id}).data[0]
    assert transfer.amount == 10_000
    assert official.v1.application_fees.list().data[0].amount == 1000
    theirs = official.v1.charges.list({}, {"stripe_account": seller.id})
    assert [charge.amount for charge in theirs.data] == [10_000]
    direct = official.v1.customers.create({"name": "Theirs"}, {"stripe_account": seller.id})
    with pytest.raises(stripe.InvalidRequestError):
        official.v1.customers.retrieve(direct.id)


def test_a_dispute_is_answered(official: stripe.StripeClient) -> None:
    official.v1.payment_intents.create(
        {
            "amount": 2000,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_createDispute",
        }
    )
    dispute = official.v1.disputes.list().data[0]
    assert dispute.status == "needs_response"
    answered = official.v1.disputes.update(
        dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}, "submit": True}
    )
    assert answered.status == "won"


def test_a_catalogue_is_synced_and_found_again(official: stripe.StripeClient) -> None:
    for number in range(12):
        official.v1.products.create({"name": f"Tea {number}", "metadata": {"sku": f"T{number}"}})
    found = official.v1.products.search({"query": "metadata['sku']:'T7' AND active:'true'"})
    assert [product.name for product in found.data] == ["Tea 7"]
    official.v1.products.update(found.data[0].id, {"active": False})
    active = official.v1.products.list({"active": True, "limit": 5})
    assert len(list(active.auto_paging_iter())) == 11


def test_a_card_is_saved_after_the_customer_was_asked(
    simulator: SimulatorClient, official: stripe.StripeClient
) -> None:
    customer = official.v1.customers.create({"email": "ada@example.com"})
    setup = official.v1.setup_intents.create(
        {
            "customer": customer.id,
            "confirm": True,
            "payment_method": "pm_card_authenticationRequired",
            "return_url": "https://example.com/back",
        }
    )
    assert (setup.status, setup.next_action is None) == ("requires_action", False)
    assert simulator.authenticate(setup.id)["status"] == "succeeded"
    saved = official.v1.customers.payment_methods.list(customer.id)
    assert len(saved.data) == 1
    off_session = {"amount": 2000, "currency": "usd", "customer": customer.id}
    with pytest.raises(stripe.CardError) as caught:
        official.v1.payment_intents.create(
            {
                **off_session,  # type: ignore[typeddict-item]
                "payment_method": saved.data[0].id,
                "confirm": True,
                "off_session": True,
            }
        )
    assert caught.value.code == "authentication_required"


def test_an_event_tells_of_its_request(official: stripe.StripeClient) -> None:
    made = official.v1.customers.create({"name": "Ada"}, {"idempotency_key": "sign-up-7"})
    event = official.v1.events.list({"type": "customer.created"}).data[0]
    assert event.request is not None
    assert event.request.idempotency_key == "sign-up-7"
    assert event.data.object["id"] == made.id
    assert official.v1.events.retrieve(event.id).type == "customer.created"


def test_what_a_killed_simulator_kept_has_its_events(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    ids = []
    for _ in range(2):
        running = SimulatorProcess(folder / "stderr", "--state", str(folder / "state.db"))
        client = client_of(running.url)
        ids.append([event.id for event in client.v1.events.list({"limit": 100})])
        client.v1.coupons.create({"percent_off": 10}, {"stripe_account": "acct_1"})
        client.v1.customers.create({"name": "Ada"})
        running.kill()
    assert [len(found) for found in ids] == [0, 1]
