"""An id that is plainly of something else than its parameter asks for is warned of, and sent."""

from __future__ import annotations

import pytest

from stripe_flows.engine.check.flows import check_flows
from tests.unit.engine.conftest import Run

SESSION = "new_checkout_session().mode('payment')"

ODD = [
    (
        'new_refund().payment_intent("ch_123").create_async()',
        "new_refund(): payment_intent begins with ch_, as the id of a charge does; expected pi_…",
    ),
    (
        'charges().customer("pi_1").list_async()',
        "charges().list_async(): customer begins with pi_, as the id of a payment intent does; "
        "expected cus_…",
    ),
    (
        'new_invoice().customer("jenny@example.com").create_async()',
        "new_invoice(): customer is an e-mail address; expected the id of a customer, cus_…",
    ),
    (
        'new_subscription().customer("cus_1").items([{"price": "prod_1"}]).create_async()',
        "new_subscription(): items[0].price begins with prod_, as the id of a product does; "
        "expected price_…",
    ),
    (
        'new_transfer().amount(1).currency("usd").destination("cus_1").create_async()',
        "new_transfer(): destination begins with cus_, as the id of a customer does; "
        "expected acct_… or ba_… or card_…",
    ),
    (
        'new_refund().payment_intent("pi_1_secret_abc").create_async()',
        "new_refund(): payment_intent is a client secret; expected the id alone, pi_…",
    ),
    (
        'new_customer().create_async(stripe_account="cus_1")',
        "new_customer(): stripe_account begins with cus_, as the id of a customer does; "
        "expected acct_…",
    ),
    (
        'new_customer().invoice_settings({"default_payment_method": "seti_1"}).create_async()',
        "new_customer(): invoice_settings.default_payment_method begins with seti_, as the id of "
        "a setup intent does; expected pm_… or card_… or ba_… or src_…",
    ),
    (
        'new_invoice_item().customer("cus_1").tax_rates(["txr_1", "tax_1", "txi_1"]).create_async()',
        "new_invoice_item(): tax_rates[2] begins with txi_, as the id of a tax ID does; "
        "expected txr_…",
    ),
    (
        'new_payment_intent().amount(1).currency("usd").on_behalf_of("in_1").create_async()',
        "new_payment_intent(): on_behalf_of begins with in_, as the id of an invoice does; "
        "expected acct_…",
    ),
]

PLAIN = [
    'new_refund().payment_intent("pi_1").charge("py_1").create_async()',
    'new_refund().payment_intent("whatever_1").create_async()',
    'new_refund().metadata({"customer": "pi_1", "price": "prod_1"}).create_async()',
    'new_subscription().customer("cus_1").items([{"price": "in_app"}]).create_async()',
    'new_subscription().customer("cus_1").items([{"plan": "price_1"}]).create_async()',
    'new_subscription().customer("cus_1").discounts([{"coupon": "in_store"}]).create_async()',
    'new_price().currency("usd").product("re_use").create_async()',
    'new_charge().amount(1).currency("usd").source("cus_1").create_async()',
    'new_payment_intent().amount(1).currency("usd").payment_method("card_1").create_async()',
    'new_customer().email("a@b.c").source("tok_1").create_async()',
    'new_payout().amount(1).currency("usd").destination("ba_1").create_async()',
    'new_customer().unchecked("charge", "pi_1").create_async()',
]


@pytest.mark.parametrize(("source", "told"), ODD)
def test_the_id_of_another_resource_in_a_parameter(run: Run, source: str, told: str) -> None:
    done = run(f"\n{source}")
    assert len(done.calls) == 1
    assert done.output == f"warning: flows/main.py:2: {told}\n"
    flows = {"main": source, "default_response": "", "default_error": ""}
    assert [(one.message, one.note) for one in check_flows(flows)] == [(told, True)]


@pytest.mark.parametrize("source", PLAIN)
def test_no_warning_without_being_sure(run: Run, source: str) -> None:
    assert run(source).output == ""


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            "new_payment_intent().amount(5).currency('usd')"
            ".transfer_data({'destination': params.get('seller')}).create_async()",
            "new_payment_intent(): transfer_data is left out: all that is in it is None",
        ),
        (
            "new_subscription().customer('cus_1').items([{'price': 'price_1'}, {'price': None}])"
            ".create_async()",
            "new_subscription(): items[1] is left out: nothing is in it",
        ),
    ],
)
def test_what_is_filled_and_not_sent_is_warned_of(run: Run, source: str, told: str) -> None:
    done = run(source)
    assert len(done.calls) == 1
    assert done.output == f"warning: flows/main.py:1: {told}\n"


@pytest.mark.parametrize("given", ["{}", "None", "{'destination': 'acct_1', 'amount': None}"])
def test_what_is_meant_to_be_left_out_is_not_spoken_of(run: Run, given: str) -> None:
    script = f"new_payment_intent().amount(5).currency('usd').transfer_data({given})"
    assert run(f"{script}.metadata({{'a': None}}).create_async()").output == ""
