"""Stripe's own libraries: each of their methods is told how a flow writes it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import stripe

from stripe_flows.engine.check.flows import check_flows
from stripe_flows.engine.diagnose.stripe_library import sdk_call
from stripe_flows.engine.sandbox.builders import written
from stripe_flows.engine.stripe.catalog import stripe_catalog

# What a method of the library asks for: `self._request("post", "/v1/invoices/{invoice}/void"`.
_ASKS = re.compile(
    r'(?:_request|_static_request|_request_and_refresh)\w*\(\s*"(get|post|delete)",'
    r'\s*(?:(cls\.class_url\(\))|"([^"]+)")'
)
_IDS = re.compile(r"\(.*?\)")


def methods() -> Iterator[tuple[list[str], str, str]]:
    """Each method of a resource of the library that asks for something: the names with which it is
    called, the HTTP method and the path."""
    for module in pkgutil.walk_packages(stripe.__path__, "stripe."):
        *folders, file = module.name.split(".")[1:]
        if not file.startswith("_") or file.endswith("_service") or {"params", "v2"} & {*folders}:
            continue
        for name, found in vars(importlib.import_module(module.name)).items():
            if not inspect.isclass(found) or found.__module__ != module.name:
                continue
            if hasattr(found, "OBJECT_NAME"):
                for method, asks in asked_by(found):
                    yield [*folders, name, method], *asks


def asked_by(resource: Any) -> Iterator[tuple[str, tuple[str, str]]]:
    for name, member in vars(resource).items():
        method = getattr(member, "__func__", member)
        method = getattr(method, "__wrapped__", method)
        method = getattr(method, "method", method)
        if name.startswith("_") or not inspect.isfunction(method):
            continue
        if found := _ASKS.search(inspect.getsource(method)):
            path = resource.class_url() if found[2] else found[3]
            yield name, (found[1].upper(), re.sub(r"\{\w+\}", "{}", path))


@pytest.mark.sweep
def test_the_methods_of_stripes_library_lead_to_what_a_flow_writes() -> None:
    catalog = stripe_catalog()
    calls: dict[tuple[str, str], list[str]] = {}
    for operation in catalog.operations.values():
        asked = (operation.method, re.sub(r"\{\w+\}", "{}", operation.path))
        calls.setdefault(asked, []).append(_IDS.sub("()", written(operation)))
    right, wrong, missing = 0, [], []
    for names, method, path in methods():
        if (method, path) not in calls:
            continue
        told = sdk_call(catalog, ["stripe", *names])
        if told is None:
            missing.append(".".join(names))
        elif _IDS.sub("()", told) in calls[method, path]:
            right += 1
        else:
            wrong.append((".".join(names), told))
    assert right > 640
    assert wrong == [
        ("ApplicationFee.refund", "application_fee_refund(fee, id).retrieve_async()"),
        ("ApplicationFee.refund_async", "application_fee_refund(fee, id).retrieve_async()"),
    ]
    assert {name.removesuffix("_async") for name in missing} == {
        "FileUpload.create",  # an old name of File
        "FileUpload.list",
        "apps.Secret.delete_where",
    }


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("invoice('in_1').void_invoice_async()", "did you mean 'void_async'?"),
        ("invoice('in_1').void_invoice()", "did you mean 'void_async'?"),
        ("invoice('in_1').finalize_invoice()", "did you mean 'finalize_async'?"),
        ("invoice('in_1').send_invoice()", "did you mean 'send_async'?"),
        ("credit_note('cn_1').void_credit_note()", "did you mean 'void_async'?"),
        ("customer('cus_1').modify(email='a')", "did you mean 'update_async'?"),
        ("customer('cus_1').delete()", "did you mean 'delete_async'?"),
        ("subscription('sub_1').cancel()", "did you mean 'cancel_async'?"),
        ("payment_method('pm_1').attach(customer='cus_1')", "did you mean 'attach_async'?"),
        ("customers().search(query='x')", "did you mean 'search_async'?"),
        (
            "customer('cus_1').modify_source('x')",
            "customer_payment_source(customer, id).update_async",
        ),
        ("payment_intents.create(amount=5)", "did you mean new_payment_intent().create_async()?"),
        ("payment_intents.capture('pi_1')", "did you mean payment_intent(id).capture_async()?"),
        ("customers.list(limit=3)", "did you mean customers().list_async()?"),
        (
            "stripe.PaymentIntent.create(amount=5, currency='usd', idempotency_key='k')",
            "stripe.PaymentIntent.create(…) is written "
            "new_payment_intent().amount(…).currency(…).create_async(idempotency_key=…)",
        ),
        (
            "stripe.Invoice.void_invoice('in_1')",
            "stripe.Invoice.void_invoice(…) is written invoice(id).void_async()",
        ),
        ("Invoice.void_invoice('in_1')", "is written invoice(id).void_async()"),
        (
            "stripe.checkout.Session.create(mode='payment')",
            "is written new_checkout_session().mode(…).create_async()",
        ),
        (
            "client.v1.payment_intents.create({'amount': 5})",
            "is written new_payment_intent().amount(…).create_async()",
        ),
        (
            "client.customers.tax_ids.list('cus_1')",
            "is written customer_tax_ids(customer).list_async()",
        ),
        ("stripe.Customer.delete('cus_1')", "is written customer(id).delete_async()"),
        ("stripe.api_key = 'x'", "builders stand in its place"),
        ("c = StripeClient('x')", "'StripeClient' is not there: builders stand in its place"),
    ],
)
def test_a_call_of_the_library_is_told_with_its_line_at_a_run_and_in_the_check(
    error_of: Callable[[str], str], source: str, said: str
) -> None:
    told = error_of(f"x = 1\n{source}")
    assert told.startswith("flows/main.py:2: ")
    assert said in told
    found = [one for one in check_flows({"main": f"x = 1\n{source}"}) if not one.note]
    assert [one.line for one in found] == [2]
    assert said in found[0].message


def test_each_call_of_an_imported_library_is_told(error_of: Callable[[str], str]) -> None:
    source = "import stripe\nstripe.Refund.create(charge='ch_1')\nstripe.Refund.cancel('re_1')\n"
    assert error_of(source) == (
        "flows/main.py:1: a script cannot import stripe: "
        "stripe.Refund.create(…) is written new_refund().charge(…).create_async()"
    )
    found = check_flows({"main": source})
    assert [(one.line, one.message.rpartition(" is written ")[2]) for one in found[1:]] == [
        (2, "new_refund().charge(…).create_async()"),
        (3, "refund(id).cancel_async()"),
    ]


def test_names_of_a_scripts_own_are_no_calls_of_the_library() -> None:
    catalog = stripe_catalog()
    for names in (["order", "create"], ["x"], ["", ""], ["stripe", "api_key"], ["a", "b", "c"]):
        assert sdk_call(catalog, names) is None
    source = "class Invoice:\n    def pay(self):\n        return 1\nprint(Invoice().pay())\n"
    source += "refunds = []\nrefunds.append(1)\n"
    assert check_flows({"main": source}) == []
