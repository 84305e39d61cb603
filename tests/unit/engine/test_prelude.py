"""A script pays only for what its text names."""

from __future__ import annotations

from stripe_flows.engine.sandbox.builders import setter
from stripe_flows.engine.sandbox.prelude import prelude
from stripe_flows.engine.sandbox.reading import read


def text_for(source: str, kind: str | None = None) -> str:
    return prelude(read(source), kind).text


def test_only_the_builders_and_setters_that_are_named_are_there() -> None:
    text = text_for("new_customer().name('x').create()")
    assert "def new_customer()" in text
    assert "def name(" in text
    assert "new_price" not in text
    assert "def email(" not in text


def test_a_script_that_makes_names_while_it_runs_gets_all_setters_and_verbs_of_its_builders() -> (
    None
):
    text = text_for("getattr(customer('cus_1'), 'x')")
    assert "def email(" in text
    assert "def delete_discount_async(" in text
    assert "price" not in text


def test_a_builder_that_is_only_a_setter_a_key_or_a_variable_is_not_there() -> None:
    text = text_for(
        "customer = params['customer']\nnew_refund().charge(charge=1).metadata(price).create()\n"
        "for price in invoices():\n    d = {'product': customer, \"plan\": 1}"
    )
    assert [
        name for name in ("customer", "charge", "product", "plan") if f"def {name}(*" in text
    ] == []
    assert "def invoices()" in text


def test_a_builder_that_is_handed_on_by_its_name_is_there() -> None:
    assert "def refund(*ids)" in text_for("makers = [refund, 1]")


def test_a_script_without_calls_has_no_builder_and_no_record() -> None:
    text = text_for("print(parsed_data.id)", "response")
    assert "_sf_record" not in text
    assert "class _sf_Data" in text
    assert text_for("print(1)") == ""


def test_comments_stay_at_home() -> None:
    assert not [
        line for line in text_for("new_customer(call)", "error").splitlines() if "#" in line
    ]


def test_a_setter_that_is_a_python_keyword_or_a_method_gets_an_underscore() -> None:
    assert [setter(name) for name in ("from", "create", "amount")] == ["from_", "create_", "amount"]


def test_syntax_that_is_newer_than_this_python_is_read_too() -> None:
    reading = read('print(f"{parsed_data["id"]}", f"{call.id}")')
    assert {"parsed_data", "call"} <= reading.words
    assert "id" in reading.attributes


def test_an_attribute_is_found_wherever_its_dot_stands() -> None:
    source = "a.one\nb\\\n    .two()\nd. \\\n four\nprint('{0.five}'.format(e))"
    assert {"one", "two", "four", "five"} <= read(source).attributes
