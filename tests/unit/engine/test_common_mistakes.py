"""Forty mistakes that people make: each is told in one clear line, with the line it stands on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

INTENT = 'new_payment_intent().amount(1).currency("usd")'
SUBSCRIPTION = 'new_subscription().customer("cus_1")'
CENTS = "must be an integer in the smallest unit of the currency, such as cents"

MISTAKES = [
    # a name that is not there
    ("new_paymentintent()", "there is no new_paymentintent(); did you mean 'new_payment_intent'?"),
    ("new_invoiceitem()", "there is no new_invoiceitem(); did you mean 'new_invoice_item'?"),
    ("payment_intnet('pi_1')", "'payment_intnet' is not defined; did you mean 'payment_intent'?"),
    ("paymentintents()", "did you mean 'payment_intents'?"),
    (f"{INTENT}.custmer('cus_1')", "has no parameter 'custmer'; did you mean 'customer'?"),
    (
        "payment_intent('pi_1').captur_async()",
        "payment_intent() has no captur_async(); did you mean 'capture_async'?",
    ),
    ("payment_intents().retrieve_async()", "payment_intents() has no retrieve_async()"),
    ("balance().delete_async()", "balance() has no delete_async(); "),
    (f"{INTENT}.create_async(thn='x')", "create_async() has no parameter 'thn'"),
    ("new_v2_core_event_destination()", "Stripe's API v2 is not reached"),
    ("next_page()", "next_page is there only in a flow that continues a list's or a search's"),
    # a parameter of another verb
    (
        "payment_intent('pi_1').amount(5).capture_async()",
        "payment_intent().capture_async() has no parameter 'amount'",
    ),
    (
        "refunds().reason('duplicate').list_async()",
        "refunds() has no parameter 'reason'",
    ),
    # something is missing
    ("new_payment_intent().amount(1).create_async()", "new_payment_intent() needs 'currency'"),
    (
        "new_checkout_session().ui_mode('x').line_items([{'price_data': {}}]).create_async()",
        "line_items[0].price_data needs 'currency'",
    ),
    ("customers().search_async()", "customers().search_async() needs 'query'"),
    ("payment_method('pm_1').attach_async(then='x')", "then names no flow"),
    ("payment_intent().retrieve_async()", "takes 1 id (intent), not 0"),
    ("payment_intent('pi_1', 'pi_2').retrieve_async()", "takes 1 id (intent), not 2"),
    ("new_customer_tax_id().type('eu_vat').value('x').create_async()", "takes 1 id (customer)"),
    ("payment_intent('').retrieve_async()", "intent must be an id; it is empty"),
    ("payment_intent(None).retrieve_async()", "intent must be an id, as text, not None"),
    ("payment_intent(7).retrieve_async()", "intent must be an id, as text, not"),
    ("customer('..').delete_async()", "customer must be an id; it is dots"),
    # a wrong type
    ("new_payment_intent().amount(20.0).currency('usd').create_async()", f"amount {CENTS}"),
    ("new_payment_intent().amount('2000').currency('usd').create_async()", f"amount {CENTS}"),
    ("new_payment_intent().amount(True).currency('usd').create_async()", f"amount {CENTS}"),
    ("new_refund().charge('ch_1').amount(1.5).create_async()", f"amount {CENTS}"),
    ("new_price().currency('usd').unit_amount(9.99).create_async()", f"unit_amount {CENTS}"),
    (
        "new_price().currency('usd').unit_amount_decimal('9,99').create_async()",
        "unit_amount_decimal must be a decimal number",
    ),
    (f"{INTENT}.customer(7).create_async()", "customer must be a text, not an integer"),
    (f"{INTENT}.confirm('yes').create_async()", "confirm must be True or False, not a text"),
    (
        f"{INTENT}.excluded_payment_method_types('card').create_async()",
        "excluded_payment_method_types must be a list, not a text",
    ),
    (
        f"{SUBSCRIPTION}.items({{'price': 'price_1'}}).create_async()",
        "items must be a list, not a dict",
    ),
    (
        f"{SUBSCRIPTION}.items([{{'price': 'p', 'quantity': '2'}}]).create_async()",
        "items[0].quantity must be an integer, not a text",
    ),
    (
        f"{SUBSCRIPTION}.items([{{'prise': 'p'}}]).create_async()",
        "items[0] has no parameter 'prise'; did you mean 'price'?",
    ),
    (f"{SUBSCRIPTION}.trial_end('tomorrow').create_async()", "trial_end must be"),
    ("customers().limit('10').list_async()", "limit must be an integer, not a text"),
    (
        "customers().created({'gte': '2026-01-01'}).list_async()",
        "created.gte must be a Unix time, in seconds",
    ),
    (f"{INTENT}.expand('customer').create_async()", "expand must be a list, not a text"),
    (f"{INTENT}.description({{1}}).create_async()", "description cannot be sent"),
    (f"{INTENT}.unchecked(1, 2).create_async()", "unchecked() takes the parameter's name as text"),
    # a value that is none of those
    (
        "billing_feedback_options().status('activ').list_async()",
        "status must be one of 'active', 'inactive'; did you mean 'active'?",
    ),
    # metadata
    (f"{INTENT}.metadata({{'k' * 41: 'v'}}).create_async()", "1 to 40 characters"),
    (f"{INTENT}.metadata({{'k': 'v' * 501}}).create_async()", "longer than the 500 characters"),
    (
        f"{INTENT}.metadata({{f'k{{n}}': 'v' for n in range(51)}}).create_async()",
        "metadata has 51 keys; Stripe takes 50",
    ),
    (f"{INTENT}.metadata({{'a': ['b']}}).create_async()", "metadata.a must be a text, not a list"),
    # options of the request
    (f"{INTENT}.create_async(stripe_account='acct 1')", "stripe_account must be the id of"),
    (f"{INTENT}.create_async(idempotency_key='x' * 256)", "idempotency_key must be 1 to 255"),
    ("customers().list_async('not good!')", "customers().list_async(): worker_id must be 1 to 64"),
]


@pytest.mark.parametrize(("source", "told"), MISTAKES)
def test_one_clear_line_with_its_place(
    error_of: Callable[[str], str], source: str, told: str
) -> None:
    text = error_of(f"ready = 1\n\n{source}")
    assert text.startswith("flows/main.py:3: ")
    assert told in text
    assert "\n" not in text
    assert "_sf_" not in text


def test_there_are_forty_of_them_and_more() -> None:
    assert len({source for source, _ in MISTAKES}) >= 40


def test_all_mistakes_of_one_call_are_told_at_once(error_of: Callable[[str], str]) -> None:
    text = error_of("new_subscription()\\\n    .collection_methd('x')\\\n    .create_async()\n")
    assert text.startswith("flows/main.py:2: ")
    text = error_of(
        "s = new_subscription()\n"
        "s.items([{'quantity': 'x'}, {'prise': 1}])\n"
        "s.trial_period_days('30')\n"
        "s.metadata({'k' * 41: 'v'})\n"
        "s.cancel_at_period_end('no')\n"
        "s.application_fee_percent('x')\n"
        "s.automatic_tax({})\n"
        "s.create_async()\n"
    )
    assert text == (
        "flows/main.py:2: new_subscription(): items[0].quantity must be an integer, not a text; "
        "line 2: new_subscription(): items[1] has no parameter 'prise'; did you mean 'price'?; "
        "line 3: new_subscription(): trial_period_days must be an integer, not a text; "
        "line 4: new_subscription(): metadata: key 1 must have 1 to 40 characters; "
        "line 5: new_subscription(): cancel_at_period_end must be True or False, not a text; "
        "line 6: new_subscription(): application_fee_percent must be a number, not a text; "
        "line 7: new_subscription(): automatic_tax needs 'enabled'"
    )
