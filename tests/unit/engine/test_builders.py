"""Every verb of every resource, by the names that a user of Stripe would guess."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Callable

import pytest

from stripe_flows.engine.sandbox.builders import own_methods, setter, setters
from stripe_flows.engine.stripe.catalog import stripe_catalog
from tests.unit.engine.conftest import Run


@pytest.mark.parametrize(
    ("source", "operation", "sent"),
    [
        ("new_payment_intent().amount(1).currency('usd').create_async()",
         "create_payment_intent", "POST /v1/payment_intents amount=1&currency=usd"),
        ("payment_intent('pi_1').retrieve_async()",
         "retrieve_payment_intent", "GET /v1/payment_intents/pi_1 "),
        ("payment_intent('pi_1').expand(['customer']).retrieve_async()",
         "retrieve_payment_intent", "GET /v1/payment_intents/pi_1 expand[0]=customer"),
        ("payment_intent('pi_1').metadata({'a': 'b'}).update_async()",
         "update_payment_intent", "POST /v1/payment_intents/pi_1 metadata[a]=b"),
        ("payment_intent('pi_1').amount_to_capture(5).capture_async()",
         "capture_payment_intent", "POST /v1/payment_intents/pi_1/capture amount_to_capture=5"),
        ("payment_intent('pi_1').confirm_async()",
         "confirm_payment_intent", "POST /v1/payment_intents/pi_1/confirm "),
        ("payment_intent('pi_1').cancel_async()",
         "cancel_payment_intent", "POST /v1/payment_intents/pi_1/cancel "),
        ("payment_intents().customer('cus_1').limit(3).list_async()",
         "list_payment_intents", "GET /v1/payment_intents customer=cus_1&limit=3"),
        ("payment_intents().query(\"status:'succeeded'\").search_async()",
         "search_payment_intents",
         "GET /v1/payment_intents/search query=status%3A%27succeeded%27"),
        ("customer('cus_1').delete_async()", "delete_customer", "DELETE /v1/customers/cus_1 "),
        ("customer('cus_1').delete_discount_async()",
         "delete_customer_discount", "DELETE /v1/customers/cus_1/discount "),
        ("subscription('sub_1').prorate(True).cancel_async()",
         "cancel_subscription", "DELETE /v1/subscriptions/sub_1 prorate=true"),
        ("invoice('in_1').finalize_async()", "finalize_invoice", "POST /v1/invoices/in_1/finalize "),
        ("invoice('in_1').mark_uncollectible_async()",
         "mark_invoice_uncollectible", "POST /v1/invoices/in_1/mark_uncollectible "),
        ("new_invoice_preview().customer('cus_1').create_async()",
         "create_invoice_preview", "POST /v1/invoices/create_preview customer=cus_1"),
        ("new_invoice_item().customer('cus_1').create_async()",
         "create_invoice_item", "POST /v1/invoiceitems customer=cus_1"),
        ("new_checkout_session().create_async()",
         "create_checkout_session", "POST /v1/checkout/sessions "),
        ("new_billing_portal_session().create_async()",
         "create_billing_portal_session", "POST /v1/billing_portal/sessions "),
        ("new_test_helpers_test_clock().frozen_time(9).create_async()",
         "create_test_helpers_test_clock", "POST /v1/test_helpers/test_clocks frozen_time=9"),
        ("new_customer_tax_id('cus_1').type('eu_vat').value('DE1').create_async()",
         "create_customer_tax_id", "POST /v1/customers/cus_1/tax_ids type=eu_vat&value=DE1"),
        ("customer_tax_id('cus_1', 'txi_1').delete_async()",
         "delete_customer_tax_id", "DELETE /v1/customers/cus_1/tax_ids/txi_1 "),
        ("customer_tax_ids('cus_1').list_async()",
         "list_customer_tax_ids", "GET /v1/customers/cus_1/tax_ids "),
        ("new_transfer_reversal('tr_1').amount(1).create_async()",
         "create_transfer_reversal", "POST /v1/transfers/tr_1/reversals amount=1"),
        ("balance().retrieve_async()", "retrieve_balance", "GET /v1/balance "),
        ("account().retrieve_async()", "retrieve_current_account", "GET /v1/account "),
        ("account('acct_1').retrieve_async()", "retrieve_account", "GET /v1/accounts/acct_1 "),
        ("tax_settings().retrieve_async()", "retrieve_tax_settings", "GET /v1/tax/settings "),
        ("credit_note().invoice('in_1').preview_async()",
         "preview_credit_note", "GET /v1/credit_notes/preview invoice=in_1"),
        ("apps_secret().name('a').scope({'type': 'account'}).find_async()",
         "find_apps_secret", "GET /v1/apps/secrets/find name=a&scope[type]=account"),
        ("coupon('25% off/now?').retrieve_async()",
         "retrieve_coupon", "GET /v1/coupons/25%25%20off%2Fnow%3F "),
    ],
)  # fmt: skip
def test_a_verb_becomes_its_request(run: Run, source: str, operation: str, sent: str) -> None:
    done = run(f"print({source})")
    (call,) = done.calls
    assert call.operation == operation
    assert f"{call.method} {call.path} {call.body}" == sent
    assert done.output.endswith("_request_dispatched\n")
    assert call.line == 1


def test_every_verb_takes_what_create_takes(run: Run) -> None:
    (call,) = run(
        'refund("re_1").cancel_async("w", "c", "env:STRIPE_EU_KEY", params={"a": 1}, '
        'then="after_signup", idempotency_key="order-42", stripe_account="acct_1")'
    ).calls
    assert (call.worker_id, call.context_id, call.params) == ("w", "c", {"a": 1})
    assert (call.secret.kind, call.secret.value) == ("reference", "STRIPE_EU_KEY")
    assert (call.then, call.idempotency_key) == ("after_signup", "order-42")
    assert call.stripe_account == "acct_1"


def test_a_builder_may_be_handed_on_or_named_while_the_script_runs(run: Run) -> None:
    done = run(
        'makers = [refund, customer]\nmakers[0]("re_1").retrieve_async()\n'
        'makers[1]("cus_1").retrieve_async()\neval("new" + "_product()").name("x").create()'
    )
    assert [call.operation for call in done.calls] == [
        "retrieve_refund",
        "retrieve_customer",
        "create_product",
    ]


def test_a_scripts_own_names_win_over_builders(run: Run) -> None:
    done = run('def price(n):\n    return n\ncustomer = price("cus_1")\nprint(customer)')
    assert done.output == "cus_1\n"


def test_a_parameter_that_is_newer_than_the_catalog_is_passed_unchecked(run: Run) -> None:
    (call,) = run(
        'new_customer().name("a").unchecked("newer", {"x": [1, None]}).unchecked("email", 5).create()'
    ).calls
    assert call.body == "name=a&newer[x][0]=1&email=5"
    assert call.request == {"name": "a", "newer": {"x": [1]}, "email": 5}


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ('unchecked("a[b]", 1)', "the name of an unchecked parameter may not be empty or hold"),
        ('unchecked("a", {1})', "a cannot be sent: a request cannot hold a value of type set"),
        ('unchecked("a", {"b": [float("nan")]})', "a.b[0] must be a finite number"),
        ('unchecked("a")', "unchecked() takes a name and a value"),
    ],
)
def test_what_cannot_be_sent_is_told_of_unchecked_parameters_too(
    error_of: Callable[[str], str], source: str, told: str
) -> None:
    text = error_of(f"c = new_customer()\nc.{source}\nc.create()")
    assert text.startswith("flows/main.py:2: ")
    assert told in text


def test_an_id_of_another_resource_is_warned_of_and_sent(run: Run) -> None:
    done = run('\npayment_intent("cus_1").retrieve_async()')
    assert done.calls[0].path == "/v1/payment_intents/cus_1"
    assert done.output == (
        "warning: flows/main.py:2: payment_intent().retrieve_async(): intent begins with cus_, "
        "as the id of a customer does; expected pi_…\n"
    )


@pytest.mark.parametrize(
    "source",
    [
        'payment_intent("pi_1")',
        'payment_intent("something_else")',
        'payment_method("card_1")',
        'subscription_schedule("sub_sched_1")',
        'product("price_1")',
        'customer_tax_id("cus_1", "txi_1")',
        'issuing_card("ic_1")',
        'dispute("du_1")',
    ],
)
def test_an_id_that_may_well_be_right_is_not_warned_of(run: Run, source: str) -> None:
    assert run(f"{source}.retrieve_async()").output == ""


def test_a_value_that_looks_misspelt_in_an_open_list_is_warned_of_and_sent(run: Run) -> None:
    done = run('payment_intent("pi_1").cancellation_reason("duplicat").cancel_async()')
    assert done.calls[0].body == "cancellation_reason=duplicat"
    assert done.output == (
        "warning: flows/main.py:1: payment_intent().cancel_async(): cancellation_reason is not one of "
        "the known values; did you mean 'duplicate'?\n"
    )


def test_no_builder_hides_a_name_of_python_and_each_has_setters_of_their_own() -> None:
    catalog = stripe_catalog()
    for builder in catalog.builders.values():
        assert builder.name.isidentifier()
        assert not hasattr(builtins, builder.name)
        assert not keyword.iskeyword(builder.name)
        found = setters(catalog, builder.name)
        assert len(found) == len(catalog.parameters_of(builder.name))
        assert not found.keys() & set(own_methods(builder))
        assert all(name.isidentifier() and not keyword.iskeyword(name) for name in found)


def test_each_resource_that_stripe_creates_has_its_builder() -> None:
    catalog = stripe_catalog()
    created = {o.resource for o in catalog.operations.values() if o.verb == "create"}
    assert len(created) > 90
    assert {f"new_{resource}" for resource in created} <= catalog.builders.keys()


def test_the_rule_for_names_that_are_taken() -> None:
    assert [setter(name) for name in ("from", "create", "unchecked", "a_async", "amount")] == [
        "from_",
        "create_",
        "unchecked_",
        "a_async_",
        "amount",
    ]
