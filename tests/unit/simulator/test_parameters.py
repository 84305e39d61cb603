"""Reading a form, and the messages for wrong ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stripe_flows.engine.stripe.catalog import stripe_catalog
from stripe_flows.engine.stripe.form import encode_form
from stripe_flows.simulator.problems import Problem
from stripe_flows.simulator.requests.form import Form, as_json, parse_form
from stripe_flows.simulator.requests.parameters import ParameterReader


def read(operation: str, text: str) -> dict[str, Any]:
    catalog = stripe_catalog()
    return ParameterReader(catalog).read(catalog.operations[operation], parse_form(text))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("", {}),
        ("a=1&b=x+y%26z", {"a": "1", "b": "x y&z"}),
        ("a=", {"a": ""}),
        ("a=1&a=2", {"a": "2"}),
        ("metadata[k-1]=v", {"metadata": {"k-1": "v"}}),
        ("metadata%5Bk%5D=v", {"metadata": {"k": "v"}}),
        ("items[0][price]=p&items[0][quantity]=2", {"items": {"0": {"price": "p", "quantity": "2"}}}),
        ("expand[]=a&expand[]=b", {"expand": {"0": "a", "1": "b"}}),
        ("name=%E2%9C%85", {"name": "✅"}),
    ],
)  # fmt: skip
def test_a_form_is_read_with_its_brackets(text: str, form: Form) -> None:
    assert parse_form(text) == form


@pytest.mark.parametrize("text", ["a[b=1", "[a]=1", "a]b=1", "a=1&a[b]=2", "a[b]=1&a=2", "a=%FF"])
def test_a_form_that_cannot_be_one_is_a_400(text: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_form(text)
    assert caught.value.status == 400


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(Problem):
        parse_form("a" + "[b]" * 1000 + "=1")


def test_the_ledger_shows_lists_as_lists() -> None:
    assert as_json(parse_form("a[0][b]=1&a[1][b]=2&m[x]=1")) == {
        "a": [{"b": "1"}, {"b": "2"}],
        "m": {"x": "1"},
    }


def test_values_come_out_with_the_types_of_the_catalog() -> None:
    params = read(
        "create_payment_intent",
        "amount=2000&currency=usd&confirm=true&metadata[order]=7&allowed_payment_method_types[]=card",
    )
    assert params == {
        "amount": 2000,
        "currency": "usd",
        "confirm": True,
        "metadata": {"order": "7"},
        "allowed_payment_method_types": ["card"],
    }


def test_what_our_own_encoder_writes_is_read_back_as_it_was_meant() -> None:
    request = {
        "customer": "cus_1",
        "items": [{"price": "price_1", "quantity": 2}, {"price": "price_2"}],
        "metadata": {"a&b": "c=d", "0": "zero"},
        "cancel_at_period_end": True,
        "application_fee_percent": 2.5,
        "expand": ["customer", "items.data.price"],
    }
    text = encode_form(json.loads(json.dumps(request)))
    assert read("create_subscription", text) == request


@pytest.mark.parametrize(
    ("operation", "text", "code", "param"),
    [
        ("create_payment_intent", "amount=1&currency=usd&amonut=2", "parameter_unknown", "amonut"),
        ("create_payment_intent", "currency=usd", "parameter_missing", "amount"),
        ("create_payment_intent", "amount=2x&currency=usd", "parameter_invalid_integer", "amount"),
        ("create_payment_intent", "amount=1.5&currency=usd", "parameter_invalid_integer", "amount"),
        ("create_payment_intent", "amount=&currency=usd", "parameter_invalid_empty", "amount"),
        ("create_customer", "invoice_settings[x]=1", "parameter_unknown", "invoice_settings[x]"),
        ("create_product", "name=a&images=b", None, "images"),
        ("create_product", "name=a&active=yes", None, "active"),
        ("create_price", "currency=usd&billing_scheme=odd", None, "billing_scheme"),
        ("create_customer", "address=somewhere", None, "address"),
        ("create_subscription", "items[0][price][x]=1", None, "items[0][price]"),
        ("create_subscription", "items[0][prize]=1", "parameter_unknown", "items[0][prize]"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named_with_stripes_code(
    operation: str, text: str, code: str | None, param: str
) -> None:
    with pytest.raises(Problem) as caught:
        read(operation, text)
    assert caught.value.status == 400
    assert caught.value.error["type"] == "invalid_request_error"
    assert caught.value.error.get("code") == code
    assert caught.value.error["param"] == param
    assert ("doc_url" in caught.value.error) == (code is not None)


@pytest.mark.parametrize("pair", [f"metadata[{'k' * 41}]=v", f"metadata[k]={'v' * 501}"])
def test_metadata_has_its_limits(pair: str) -> None:
    with pytest.raises(Problem) as caught:
        read("create_customer", pair)
    assert caught.value.error["param"] == "metadata"


def test_metadata_has_at_most_50_keys() -> None:
    text = "&".join(f"metadata[k{n}]=v" for n in range(51))
    with pytest.raises(Problem, match="50"):
        read("create_customer", text)
    assert len(read("create_customer", text.rpartition("&")[0])["metadata"]) == 50


def test_an_empty_text_unsets_what_can_be_unset() -> None:
    assert read("create_customer", "name=Ada&address=") == {"name": "Ada", "address": None}
