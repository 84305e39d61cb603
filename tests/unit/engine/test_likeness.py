"""Whether an object can be what came of a call: the table of what fits, differs, and is in doubt."""

from __future__ import annotations

from typing import Any

import pytest

from stripe_flows.engine.stripe.catalog import Operation, stripe_catalog
from stripe_flows.engine.stripe.likeness import (
    ACCOUNT,
    WHEN,
    WHETHER,
    WHICH,
    Asked,
    Likeness,
    compare,
    foresee,
    id_fault,
    kind_fault,
)
from stripe_flows.engine.stripe.path import fill
from stripe_flows.engine.stripe.retrieval import makes, own_id, retrieval_of

SENT = 1_700_000_000.0
INTENT = {
    "id": "pi_1",
    "object": "payment_intent",
    "amount": 447,
    "currency": "usd",
    "customer": "cus_1",
    "description": "Order 47",
    "livemode": False,
    "metadata": {"order": "47", "other": "x"},
    "payment_method": None,
    "payment_method_types": ["card", "link"],
    "receipt_email": "jenny@example.com",
    "created": SENT + 1,
}
SUBSCRIPTION = {
    "id": "sub_1",
    "object": "subscription",
    "customer": "cus_1",
    "created": SENT + 1,
    "livemode": False,
    "test_clock": None,
    "items": {
        "object": "list",
        "has_more": False,
        "data": [
            {"id": "si_1", "price": {"id": "price_1", "unit_amount": 500}, "quantity": 1},
            {"id": "si_2", "price": {"id": "price_2", "unit_amount": 900}, "quantity": 3},
        ],
    },
}


def operation(name: str) -> Operation:
    return stripe_catalog().operations[name]


def like(name: str, request: dict[str, Any], found: dict[str, Any], **more: Any) -> Likeness:
    given: dict[str, Any] = {"first": SENT, "last": SENT, "live": False} | more
    object_id = given.pop("object_id", found.get("id", "pi_1"))
    return compare(Asked(operation(name), request, **given), found, object_id)


def charged(request: dict[str, Any], **shown: Any) -> Likeness:
    """What is found of a payment intent that shows INTENT with `shown`."""
    return like("create_payment_intent", request, INTENT | shown)


@pytest.mark.parametrize(
    ("request_", "shown"),
    [
        ({"amount": 447, "currency": "usd"}, {}),
        ({"amount": "447", "currency": "USD"}, {}),
        ({"amount": 447.0, "currency": "usd"}, {"amount": "447"}),
        ({"amount": 447, "customer": "cus_1"}, {"customer": {"id": "cus_1", "object": "customer"}}),
        ({"amount": 447, "metadata": {"order": 47}}, {}),
        ({"amount": 447, "metadata": {"order": "47", "gone": ""}}, {}),
        ({"amount": 447, "metadata": {"order": None}}, {"metadata": {}}),
        ({"amount": 447, "description": "  Order   47 "}, {}),
        ({"amount": 447, "receipt_email": " Jenny@Example.COM"}, {}),
        ({"amount": 447, "description": ""}, {"description": None}),
        ({"amount": 447, "confirm": True, "return_url": "https://example.com"}, {}),
        ({"amount": 447, "payment_method": "pm_card_visa"}, {"payment_method": "pm_1AbC"}),
        ({"amount": 447, "payment_method": "pm_1"}, {"payment_method": None}),
        ({"amount": 447, "payment_method_types": ["card"]}, {}),
        ({"amount": 447, "customer": None, "on_behalf_of": None}, {"customer": "cus_other"}),
        ({"amount": 447}, {"created": SENT - 1}),
        ({"amount": 447}, {"created": SENT + 3599}),
        ({"amount": 447, "transfer_data": {"destination": "acct_1"}},
         {"transfer_data": {"destination": {"id": "acct_1"}, "amount": None}}),
        ({"amount": 447, "shipping": {"name": "Jenny", "address": {"line1": "1 Main St"}}},
         {"shipping": {"name": "jenny", "address": {"line1": "1 main st", "line2": None}}}),
        ({"amount": 447, "setup_future_usage": "off_session"}, {"setup_future_usage": None}),
    ],
)  # fmt: skip
def test_what_stripe_writes_in_its_own_way_is_no_difference(
    request_: dict[str, Any], shown: dict[str, Any]
) -> None:
    found = charged(request_, **shown)
    assert (found.reason, found.doubts) == ("", ())
    assert "amount" in found.compared


@pytest.mark.parametrize(
    ("request_", "shown", "said"),
    [
        ({"amount": 447, "currency": "usd"}, {"amount": 2000},
         "pi_1 is of 20.00 USD; the call asked for 4.47 USD"),
        ({"amount": 447, "currency": "usd"}, {"amount": 447, "currency": "eur"},
         "pi_1 is in EUR; the call asked for USD"),
        ({"amount": 447, "currency": "usd"}, {"amount": 500, "currency": "jpy"},
         "pi_1 is of 500 JPY; the call asked for 4.47 USD"),
        ({"amount": 447, "customer": "cus_2"}, {},
         "its customer is cus_1; the call asked for cus_2"),
        ({"amount": 447, "customer": "cus_2"}, {"customer": None},
         "its customer is not set; the call asked for cus_2"),
        ({"amount": 447, "metadata": {"order": "48"}}, {},
         "its metadata order is 47; the call asked for 48"),
        ({"amount": 447, "metadata": {"shop": "7"}}, {},
         "its metadata shop is not set; the call asked for 7"),
        ({"amount": 447, "description": "Order 48"}, {},
         "its description is Order 47; the call asked for Order 48"),
        ({"amount": 447, "receipt_email": "joe@example.com"}, {},
         "its receipt_email is jenny@example.com; the call asked for joe@example.com"),
        ({"amount": 447, "transfer_data": {"amount": 400}}, {"transfer_data": {"amount": 300}},
         "its transfer_data.amount is 300; the call asked for 400"),
        ({"amount": 447}, {"object": "charge"},
         "pi_1 is a charge; create_payment_intent answers with a payment intent"),
        ({"amount": 447}, {"livemode": True},
         "pi_1 is of live mode; the call's key is of test mode"),
        ({"amount": 447}, {"created": SENT - 3600, "customer": None},
         "pi_1 was made at 2023-11-14 21:13:20 UTC; the call was first sent at "
         "2023-11-14 22:13:20 UTC"),
        ({"amount": 447}, {"created": SENT + 7200, "customer": None},
         "pi_1 was made at 2023-11-15 00:13:20 UTC; the call was last sent at "
         "2023-11-14 22:13:20 UTC"),
    ],
)  # fmt: skip
def test_a_certain_difference_is_said_in_plain_words(
    request_: dict[str, Any], shown: dict[str, Any], said: str
) -> None:
    assert charged(request_, **shown).reason == said


def test_what_no_record_keeps_is_masked_in_a_difference() -> None:
    request = {"amount": 447, "metadata": {"password": "hunter2", "card": "4242424242424242"}}
    shown = {"metadata": {"password": "other", "card": "5555555555554444"}}
    reason = charged(request, **shown).reason
    assert not [one for one in ("hunter2", "other", "424242424", "555555555") if one in reason]
    assert "its metadata card is ••• 4444; the call asked for ••• 4242" in reason


def test_differences_are_said_together_and_money_comes_first() -> None:
    found = charged({"customer": "cus_2", "amount": 1, "currency": "usd"})
    assert found.reason == (
        "pi_1 is of 4.47 USD; the call asked for 0.01 USD; "
        "its customer is cus_1; the call asked for cus_2"
    )


@pytest.mark.parametrize(
    ("request_", "shown", "doubts"),
    [
        ({"amount": 447, "payment_method": "pm_2"}, {"payment_method": "pm_1"}, {"payment_method"}),
        ({"amount": 447, "payment_method_types": ["ideal"]}, {}, {"payment_method_types"}),
        ({"amount": 447, "description": "Order 47"}, {"description": None}, {"description"}),
        ({"currency": "usd", "confirm": True}, {}, {WHICH}),
        ({"amount": 447}, {"created": None}, {WHEN}),
        # Made just before the call was sent: by somebody else, or by a clock that differs.
        ({"amount": 447}, {"created": SENT - 3}, {WHEN}),
        ({"amount": 447}, {"created": SENT - 59}, {WHEN}),
        # A customer on a test clock lives in another time, and a payment intent does not show it.
        ({"amount": 447}, {"created": SENT - 9e6}, {WHEN}),
    ],
)
def test_what_may_have_changed_since_or_is_not_shown_is_in_doubt(
    request_: dict[str, Any], shown: dict[str, Any], doubts: set[str]
) -> None:
    found = charged(request_, **shown)
    assert found.differences == ()
    assert {doubt.name for doubt in found.doubts} == doubts


def test_an_object_of_the_second_before_the_sending_fits() -> None:
    # Stripe's times have no fractions.
    assert charged({"amount": 447}, created=SENT - 1).doubts == ()


def test_an_object_that_is_not_the_journals_to_date_is_in_doubt() -> None:
    found = like("create_payment_intent", {"amount": 447}, INTENT, first=None, last=None)
    assert [doubt.name for doubt in found.doubts] == [WHEN]


def test_a_call_that_is_still_being_sent_has_no_last_sending() -> None:
    found = INTENT | {"created": SENT + 50_000, "customer": None}
    assert like("create_payment_intent", {"amount": 447}, found, last=None).reason == ""


def test_a_key_that_was_replaced_leaves_the_account_in_doubt() -> None:
    found = like("create_payment_intent", {"amount": 447}, INTENT, same_key=False)
    assert [doubt.name for doubt in found.doubts] == [ACCOUNT]


@pytest.mark.parametrize(
    ("items", "reason", "doubts"),
    [
        ([{"price": "price_1"}], "", set()),
        ([{"price": "price_2", "quantity": "3"}, {"price": "price_1"}], "", set()),
        ([{"price": "price_2", "quantity": 4}], "", {"items"}),
        ([{"price": "price_9"}],
         "its items.price is price_1; the call asked for price_9", set()),
        ([{"price_data": {"unit_amount": 500, "currency": "usd"}}], "", {"items"}),
    ],
)  # fmt: skip
def test_the_items_of_a_subscription_are_compared_in_any_order(
    items: list[Any], reason: str, doubts: set[str]
) -> None:
    found = like("create_subscription", {"customer": "cus_1", "items": items}, SUBSCRIPTION)
    assert found.reason == reason
    assert {doubt.name for doubt in found.doubts} == doubts


def test_an_object_on_a_test_clock_has_a_time_of_its_own() -> None:
    request = {"customer": "cus_1", "items": [{"price": "price_1"}]}
    early = SUBSCRIPTION | {"created": 5}
    assert "was made at" in like("create_subscription", request, early).reason
    on_clock = like("create_subscription", request, early | {"test_clock": "clock_1"})
    assert (on_clock.reason, [doubt.name for doubt in on_clock.doubts]) == ("", [WHEN])


@pytest.mark.parametrize(
    ("name", "path", "request_", "found", "reason", "doubts"),
    [
        ("create_coupon", None, {"percent_off": 33.333, "duration": "once"},
         {"object": "coupon", "percent_off": 33.33, "duration": "once", "created": SENT}, "", set()),
        ("create_coupon", None, {"percent_off": 25, "duration": "once"},
         {"object": "coupon", "percent_off": 20.0, "duration": "once", "created": SENT},
         "its percent_off is 20; the call asked for 25", set()),
        ("create_price", None,
         {"unit_amount_decimal": "10.50", "currency": "usd", "recurring": {"interval": "month"}},
         {"object": "price", "unit_amount_decimal": "10.5", "currency": "usd", "created": SENT,
          "recurring": {"interval": "month", "interval_count": 1}}, "", set()),
        ("create_price", None,
         {"unit_amount": 10, "currency": "usd", "recurring": {"interval": "year"}},
         {"object": "price", "unit_amount": 10, "currency": "usd", "created": SENT,
          "recurring": {"interval": "month"}},
         "its recurring.interval is month; the call asked for year", set()),
        ("create_customer_tax_id", "/v1/customers/cus_1/tax_ids",
         {"type": "eu_vat", "value": "de 123-456 789"},
         {"object": "tax_id", "type": "eu_vat", "value": "DE123456789", "created": SENT},
         "", set()),
        ("create_checkout_session", None,
         {"mode": "payment", "customer": "cus_1", "line_items": [{"price": "price_1"}]},
         {"object": "checkout.session", "mode": "payment", "customer": "cus_1", "created": SENT},
         "", {"line_items"}),
        ("create_setup_intent", None, {"usage": "off_session"},
         {"object": "setup_intent", "usage": "off_session", "created": SENT}, "", {WHICH}),
        ("update_customer", "/v1/customers/x_1", {"email": "A@b.c"},
         {"object": "customer", "email": "a@b.c", "created": 5}, "", set()),
        ("update_customer", "/v1/customers/x_1", {"email": "A@b.c"},
         {"object": "customer", "email": "other@b.c", "created": 5},
         "its email is other@b.c; the call asked for A@b.c", set()),
        ("update_customer", "/v1/customers/cus_2", {"name": "Jenny"},
         {"object": "customer", "name": "Jenny"}, "the call is about cus_2, not about x_1", set()),
        ("update_customer", "/v1/customers/x_1", {"source": "tok_visa"},
         {"object": "customer"}, "", {WHETHER}),
        ("update_price", "/v1/prices/x_1", {"active": False},
         {"object": "price", "active": True}, "", {"active"}),
        ("update_price", "/v1/prices/x_1", {"active": False},
         {"object": "price", "active": False}, "", set()),
        ("capture_payment_intent", "/v1/payment_intents/x_1/capture", {"amount_to_capture": 100},
         {"object": "payment_intent", "status": "succeeded"}, "", {"amount_to_capture"}),
        ("capture_charge", "/v1/charges/x_1/capture", {"amount": 100},
         {"object": "charge", "status": "succeeded", "amount": 200}, "", {"amount"}),
        ("cancel_subscription", "/v1/subscriptions/x_1", {},
         {"object": "subscription", "status": "canceled"}, "", set()),
        ("cancel_subscription", "/v1/subscriptions/x_1", {},
         {"object": "subscription", "status": "active"}, "", {WHETHER}),
        ("confirm_payment_intent", "/v1/payment_intents/x_1/confirm", {},
         {"object": "payment_intent", "status": "succeeded"}, "", {WHETHER}),
        ("delete_customer", "/v1/customers/x_1", {},
         {"object": "customer", "deleted": True}, "", set()),
        ("delete_customer", "/v1/customers/x_1", {},
         {"object": "customer", "email": None}, "x_1 has not been deleted", set()),
        ("reverse_payout", "/v1/payouts/po_1/reverse", {"metadata": {"a": "b"}},
         {"object": "payout", "metadata": {"a": "b"}, "created": SENT}, "", set()),
    ],
)  # fmt: skip
def test_the_table(
    name: str,
    path: str | None,
    request_: dict[str, Any],
    found: dict[str, Any],
    reason: str,
    doubts: set[str],
) -> None:
    likeness = like(name, request_, found | {"id": "x_1"}, path=path, object_id="x_1")
    assert likeness.reason == reason
    assert {doubt.name for doubt in likeness.doubts} == doubts


def test_what_was_compared_and_what_was_not_shown_is_named() -> None:
    found = charged({"amount": 447, "currency": "usd", "confirm": True})
    assert found.compared == ("kind", "mode", ACCOUNT, "amount", "currency", WHEN)
    assert found.unseen == ("confirm",)


@pytest.mark.parametrize(
    ("name", "object_id", "said"),
    [
        ("create_payment_intent", "cus_9",
         "cus_9 is the id of a customer; create_payment_intent answers with a payment intent (pi_…)"),
        ("create_invoice", "pi_1",
         "pi_1 is the id of a payment intent; create_invoice answers with an invoice (in_…)"),
        ("create_subscription_schedule", "sub_1",
         "sub_1 is the id of a subscription; create_subscription_schedule answers with a "
         "subscription schedule (sub_sched_…)"),
        ("create_account_external_account", "cus_9",
         "cus_9 is the id of a customer; create_account_external_account answers with a bank account "
         "(ba_…) or a card (card_…)"),
        ("create_payment_intent", "pi_1", None),
        ("create_payment_intent", "42", None),
        ("create_charge", "py_1", None),
        ("create_checkout_session", "cs_test_1", None),
        ("create_product", "cus_9", None),
        ("create_coupon", "in_store", None),
        ("create_price", "prod_1", None),
        ("attach_payment_method", "card_1", None),
    ],
)  # fmt: skip
def test_an_id_of_another_kind_is_known_by_its_prefix(
    name: str, object_id: str, said: str | None
) -> None:
    assert kind_fault(operation(name), object_id) == said


@pytest.mark.parametrize(
    ("name", "path", "own"),
    [
        ("create_payment_intent", "/v1/payment_intents", None),
        ("capture_payment_intent", "/v1/payment_intents/pi_1/capture", "pi_1"),
        ("update_coupon", "/v1/coupons/a%20b", "a b"),
        ("create_customer_tax_id", "/v1/customers/cus_1/tax_ids", None),
        ("ship_test_helpers_issuing_card",
         "/v1/test_helpers/issuing/cards/ic_1/shipping/ship", "ic_1"),
        ("attach_payment_method", "/v1/payment_methods/pm_card_visa/attach", None),
        ("attach_payment_method", "/v1/payment_methods/pm_1/attach", "pm_1"),
        ("reverse_payout", "/v1/payouts/po_1/reverse", None),
        ("update_balance_settings", "/v1/balance_settings", None),
    ],
)  # fmt: skip
def test_a_verb_on_an_object_names_it_in_its_path(name: str, path: str, own: str | None) -> None:
    assert own_id(operation(name), path) == own
    assert id_fault(operation(name), path, own or "any") is None
    assert (id_fault(operation(name), path, "another") is None) == (own is None)


@pytest.mark.parametrize(
    ("name", "request_", "doubts"),
    [
        ("create_payment_intent", {"amount": 1, "currency": "usd", "confirm": True}, set()),
        ("create_checkout_session", {"customer": "cus_1", "line_items": [{"price": "p"}]},
         {"line_items"}),
        ("create_customer", {}, {WHICH}),
        ("create_payment_link", {"line_items": [{"price": "price_1"}]},
         {"line_items", WHEN, WHICH}),
        ("create_subscription", {"customer": "cus_1", "items": [{"price": "price_1"}]}, set()),
        ("confirm_payment_intent", {}, {WHETHER}),
        ("cancel_payment_intent", {}, set()),
        ("update_customer", {"email": "a@b.c"}, set()),
        ("update_customer", {"source": "tok_visa"}, {WHETHER}),
        ("delete_customer", {}, set()),
    ],
)  # fmt: skip
def test_doubts_are_foreseen_from_the_call_alone(
    name: str, request_: dict[str, Any], doubts: set[str]
) -> None:
    assert {doubt.name for doubt in foresee(operation(name), request_)} == doubts


@pytest.mark.parametrize("name", sorted(stripe_catalog().operations))
def test_an_empty_object_is_never_a_certain_difference(name: str) -> None:
    one = operation(name)
    if one.method == "GET" or retrieval_of(one) is None:
        return
    ids: list[Any] = [f"x_{index}" for index in range(len(one.path_parameters))]
    path = fill(one, ids)
    likeness = like(name, {}, {}, path=path, object_id=own_id(one, path) or "x")
    assert likeness.differences == ()
    assert makes(one) or own_id(one, path) or one.verb in ("update", "delete", "detach", "refund")
