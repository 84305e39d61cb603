"""The examples that bill: trial, usage, invoice by hand, change at the period's end, catalogue."""

from __future__ import annotations

import pytest
import stripe

from tests.integration.examples.shop import Shop, flows_of, why

BEGIN = 1_790_000_000
DAY = 86_400
MONTH = 31 * DAY


@pytest.fixture
def clock(shop: Shop) -> str:
    """A test clock."""
    return shop.stripe.v1.test_helpers.test_clocks.create({"frozen_time": BEGIN}).id


def advance(shop: Shop, clock: str, seconds: int) -> None:
    shop.stripe.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": BEGIN + seconds})


def subscribed(shop: Shop, clock: str) -> stripe.Subscription:
    """The one subscription on the clock, as it stands."""
    (found,) = shop.stripe.v1.subscriptions.list(
        {"test_clock": clock, "status": "all", "expand": ["data.latest_invoice"]}
    ).data
    return found


def customer_of(subscription: stripe.Subscription) -> str:
    assert isinstance(subscription.customer, str)
    return subscription.customer


def due(subscription: stripe.Subscription) -> tuple[str | None, int]:
    """The status of its latest invoice, and what it was about."""
    assert isinstance(subscription.latest_invoice, stripe.Invoice)
    return subscription.latest_invoice.status, subscription.latest_invoice.amount_due


def test_a_trial_ends_by_itself_without_a_card(shop: Shop, clock: str) -> None:
    run = shop.run("trial", "signup-7", test_clock=clock, email="ada@example.com")
    assert run.status() == "succeeded"
    assert flows_of(run) == [
        "trial",
        "trial_price_response",
        "trial_customer_response",
        "trial_subscription_response",
    ]
    found = subscribed(shop, clock)
    assert found.status == "trialing"
    assert found.trial_end == BEGIN + 14 * DAY
    assert run.output() == f"{found.customer} is trialing with {found.id}\n"
    customer = shop.stripe.v1.customers.retrieve(customer_of(found))
    assert customer.email == "ada@example.com"

    # Who signs up twice with one id has signed up once.
    before = shop.received()
    shop.run("trial", "signup-7", test_clock=clock, email="ada@example.com")
    assert shop.received() == before

    advance(shop, clock, 14 * DAY + 7200)
    assert subscribed(shop, clock).status == "canceled"


def test_a_trial_goes_on_when_a_card_was_given(shop: Shop, clock: str) -> None:
    shop.run("trial", test_clock=clock)
    shop.run("card", "card-1", customer=customer_of(subscribed(shop, clock)))
    advance(shop, clock, 14 * DAY + 7200)
    found = subscribed(shop, clock)
    assert (found.status, *due(found)) == ("active", "paid", 1900)


def test_nobody_is_signed_up_for_a_price_that_is_not_there(shop: Shop) -> None:
    run = shop.run("trial", price="price_nobodys")
    assert run.status() == "failed"
    assert "resource_missing" in why(run)
    assert shop.received() == ["retrieve_price"]


def test_use_is_counted_once_and_billed(shop: Shop, clock: str) -> None:
    run = shop.run("usage", test_clock=clock)
    assert run.status() == "succeeded"
    found = subscribed(shop, clock)
    customer = customer_of(found)
    assert run.output() == f"{found.id} is active: report what {customer} uses\n"
    assert (found.status, *due(found)) == ("active", "paid", 0)

    for run_id, calls, own in [("r-1", 40, "mon"), ("r-2", 2, "tue"), ("r-3", 40, "mon")]:
        used = {"customer": customer, "calls": calls, "id": own, "at": BEGIN + DAY}
        report = shop.run("usage_report", run_id, **used)
        assert report.status() == "succeeded"
        expected = f"{calls} calls of {customer} are counted\n"
        assert report.output() == ("mon was counted before\n" if run_id == "r-3" else expected)

    advance(shop, clock, MONTH)
    assert due(subscribed(shop, clock)) == ("paid", 84)


def test_the_meter_is_made_once(shop: Shop) -> None:
    shop.run("usage", "first")
    run = shop.run("usage", "second")
    assert flows_of(run)[:3] == ["usage", "usage_meters_response", "usage_meter_response"]
    assert shop.received().count("create_billing_meter") == 1
    assert shop.received().count("create_subscription") == 2


def test_a_report_that_stripe_refuses_otherwise_fails_the_run(shop: Shop) -> None:
    shop.simulator.faults([{"kind": "forbidden_403"}])
    run = shop.run("usage_report", customer="cus_1", calls=5, id="mon")
    assert run.status() == "failed"
    assert "flows/examples/usage_event_error.py:2: RuntimeError: The provided key" in why(run)


def test_an_invoice_is_written_by_hand_and_mailed(shop: Shop) -> None:
    run = shop.run("invoice", "bill-9", lines=[{"description": "Repair", "amount": 9900}])
    assert run.status() == "succeeded"
    assert flows_of(run) == [
        "invoice",
        "invoice_customer_response",
        "invoice_draft_response",
        "invoice_lines_response",
        "invoice_final_response",
        "invoice_sent_response",
    ]
    (invoice,) = shop.stripe.v1.invoices.list().data
    assert (invoice.status, invoice.amount_due, invoice.currency) == ("open", 9900, "usd")
    assert [line.description for line in invoice.lines.data] == ["Repair"]
    assert invoice.collection_method == "send_invoice"
    assert invoice.due_date == invoice.created + 14 * DAY
    assert shop.received()[-2:] == ["send_invoice", "list_invoices"]
    assert run.output().splitlines() == [
        f"{invoice.id} of 9900 usd is open",
        f"it is paid at {invoice.hosted_invoice_url}",
    ]
    assert (
        shop.stripe.v1.invoices.pay(invoice.id, {"payment_method": "pm_card_visa"}).status == "paid"
    )

    # The same bill again is the same bill.
    before = shop.received()
    shop.run("invoice", "bill-9", lines=[{"description": "Repair", "amount": 9900}])
    assert shop.received() == before


def test_who_has_no_email_gets_no_invoice(shop: Shop) -> None:
    customer = shop.stripe.v1.customers.create({"name": "Ada"})
    run = shop.run("invoice", customer=customer.id)
    assert run.status() == "failed"
    assert f"{customer.id} has no email to send an invoice to" in why(run)
    assert shop.stripe.v1.invoices.list().data == []


def test_a_subscription_changes_when_its_period_ends(shop: Shop, clock: str) -> None:
    run = shop.run("plan_change", test_clock=clock)
    assert run.status() == "succeeded"
    found = subscribed(shop, clock)
    price = found["items"].data[0].price.id
    assert run.output() == f"{found.id} changes when its period ends: 1 x {price}\n"
    assert (found["items"].data[0].quantity, *due(found)) == (3, "paid", 2700)

    advance(shop, clock, 20 * DAY)
    assert subscribed(shop, clock)["items"].data[0].quantity == 3
    advance(shop, clock, MONTH)
    after = subscribed(shop, clock)
    assert (after.status, after["items"].data[0].quantity) == ("active", 1)
    assert due(after) == ("paid", 900)
    assert after["items"].data[0].price.id == price

    # The months after that are as the change left it, without a schedule.
    advance(shop, clock, 2 * MONTH)
    advance(shop, clock, 3 * MONTH)
    last = subscribed(shop, clock)
    assert (last.schedule, last["items"].data[0].quantity, *due(last)) == (None, 1, "paid", 900)


def test_a_planned_change_can_be_changed_before_it_happens(shop: Shop, clock: str) -> None:
    shop.run("plan_change", test_clock=clock)
    found = subscribed(shop, clock)
    run = shop.run("plan_change", "change-2", subscription=found.id, seats=5)
    assert run.status() == "succeeded"
    assert shop.received().count("create_subscription_schedule") == 1
    advance(shop, clock, MONTH)
    after = subscribed(shop, clock)
    assert (after["items"].data[0].quantity, *due(after)) == (5, "paid", 4500)


def prices_of(shop: Shop) -> dict[str, tuple[str, int | None]]:
    """What is sold, by lookup key: name and amount."""
    found = shop.stripe.v1.prices.list({"active": True, "expand": ["data.product"]}).data
    sold = {}
    for price in found:
        assert isinstance(price.product, stripe.Product)
        sold[str(price.lookup_key)] = (price.product.name, price.unit_amount)
    return sold


def test_a_catalogue_is_brought_to_stripe_and_kept_up(shop: Shop) -> None:
    green = {"sku": "green", "name": "Green tea", "amount": 1200}
    black = {"sku": "black", "name": "Black tea", "amount": 900}
    run = shop.run("catalogue", "monday", products=[green, black])
    assert run.status() == "succeeded"
    assert prices_of(shop) == {"green": ("Green tea", 1200), "black": ("Black tea", 900)}

    # What is as it was is left alone,
    before = shop.received()
    again = shop.run("catalogue", "tuesday", products=[green, black])
    assert again.output().splitlines() == [
        "green costs 1200 as before",
        "black costs 900 as before",
    ]
    assert shop.received()[len(before) :] == ["list_prices", "list_prices"]

    # and what is not gets a new price under its old key, or its new name.
    dearer, renamed = green | {"amount": 1300}, black | {"name": "Earl Grey"}
    changed = shop.run("catalogue", "wednesday", products=[dearer, renamed])
    assert changed.status() == "succeeded"
    assert prices_of(shop) == {"green": ("Green tea", 1300), "black": ("Earl Grey", 900)}
    assert len(shop.stripe.v1.products.list().data) == 2
    (old,) = shop.stripe.v1.prices.list({"active": False}).data
    assert (old.unit_amount, old.lookup_key) == (1200, None)
    assert f"{old.id} is sold no more" in changed.output().splitlines()
    assert "black is called Earl Grey now" in changed.output().splitlines()
