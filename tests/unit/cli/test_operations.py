"""`stripe-flows operations`, and the page with the same rows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result

from stripe_flows.cli import operations as command
from stripe_flows.engine.check.parameters import parameters_of
from stripe_flows.engine.stripe.catalog import stripe_catalog
from tests.runner import run_cli

ROOT = Path(__file__).resolve().parents[3]


def operations(*args: str) -> Result:
    return run_cli(["operations", *args])


def test_every_operation_has_a_line() -> None:
    lines = operations().stdout.splitlines()
    assert {line.split("\t")[0] for line in lines} == set(stripe_catalog().operations)
    assert len(lines) == 558


@pytest.mark.parametrize(
    ("word", "line"),
    [
        (
            "create_payment_intent",
            "create_payment_intent\tnew_payment_intent().create_async()\tPOST\t/v1/payment_intents",
        ),
        (
            "confirm_payment_intent",
            "confirm_payment_intent\tpayment_intent(id).confirm_async()\tPOST"
            "\t/v1/payment_intents/{intent}/confirm",
        ),
        (
            "payment_intents().list",
            "list_payment_intents\tpayment_intents().list_async()\tGET\t/v1/payment_intents",
        ),
        (
            "/TAX_IDS/{id}",
            "retrieve_customer_tax_id\tcustomer_tax_id(customer, id).retrieve_async()\tGET"
            "\t/v1/customers/{customer}/tax_ids/{id}",
        ),
    ],
)
def test_a_word_finds_operations_by_name_call_and_path(word: str, line: str) -> None:
    operation = line.split("\t")[0]
    flows = f"new_{operation}_response new_{operation}_error"
    assert f"{line}\t{flows}" in operations(word).stdout.splitlines()


def test_a_word_that_nothing_matches_names_the_nearest() -> None:
    done = operations("captre_payment_intent")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "capture_payment_intent" in done.stderr


def test_an_operation_of_v2_is_said_to_be_out_of_reach() -> None:
    done = operations("v2_core_event_destination")
    assert done.exit_code == 1
    assert "API v2 is not reached" in done.stderr


def test_json_is_one_document_with_the_rows_own_names() -> None:
    (row,) = json.loads(operations("/v1/quotes/{quote}/pdf", "--json").stdout)
    assert row == {
        "operation": "pdf_quote",
        "resource": "quote",
        "call": "quote(id).pdf_async()",
        "method": "GET",
        "path": "/v1/quotes/{quote}/pdf",
        "flows": ["new_pdf_quote_response", "new_pdf_quote_error"],
        "reached": False,
    }


def test_the_name_of_an_operation_lists_its_parameters() -> None:
    operation, *parameters = operations("create_payment_intent").stdout.splitlines()
    assert operation.startswith("create_payment_intent\tnew_payment_intent().create_async()\tPOST")
    rows = {line.split("\t")[0]: line.split("\t")[1:] for line in parameters}
    assert list(rows)[:2] == ["amount", "currency"], "what it needs comes first"
    assert rows["amount"] == ["integer", "required", ""]
    assert rows["confirm"] == ["boolean", "", ""]
    assert rows["capture_method"] == ["string", "", "automatic, automatic_async, manual"]
    assert rows["metadata"] == ["dict of string by name", "", ""]
    assert rows["shipping"][0] == "dict"
    assert rows["shipping.name"] == ["string", "required", ""]
    assert rows["shipping.address.city"] == ["string", "", ""]
    assert rows["off_session"] == ["string or boolean", "", "one_off, recurring"]
    values = rows["allowed_payment_method_types"][2]
    assert re.fullmatch(r"(\w+, ){11}\w+ and \d+ more", values)
    assert len(parameters) < 100


def test_what_holds_many_parameters_is_opened_by_its_path() -> None:
    rows = operations("create_payment_intent").stdout.splitlines()
    (closed,) = [row for row in rows if row.startswith("payment_method_options\t")]
    assert closed.endswith("stripe-flows operations create_payment_intent.payment_method_options")
    path = "create_payment_intent.payment_method_options.card"
    _, card, *inside = operations(path).stdout.splitlines()
    assert card.startswith("payment_method_options.card\tdict")
    assert any(
        row.startswith("payment_method_options.card.request_three_d_secure\t") for row in inside
    )


def test_what_is_in_a_list_is_found_without_its_brackets() -> None:
    _, row = operations("create_checkout_session.line_items.quantity").stdout.splitlines()
    assert row == "line_items[].quantity\tinteger\t\t"


def test_a_wrong_parameter_names_the_nearest() -> None:
    done = operations("create_payment_intent.shiping")
    assert done.exit_code == 2
    assert "has no parameter 'shiping'; did you mean 'shipping'?" in done.stderr


def test_json_of_one_operation_has_all_its_parameters_nested() -> None:
    (row,) = json.loads(operations("create_payment_intent", "--json").stdout)
    assert row["operation"] == "create_payment_intent"
    named = {one["name"]: one for one in row["parameters"]}
    assert named["amount"] == {
        "name": "amount",
        "type": "integer",
        "required": True,
        "values": [],
        "open": False,
        "unsets": False,
        "parameters": [],
    }
    assert named["capture_method"]["open"] is True
    assert len(named["payment_method_options"]["parameters"]) > 30


def test_every_operation_can_be_asked_for() -> None:
    catalog = stripe_catalog()
    for operation in catalog.operations.values():
        rows = parameters_of(catalog, operation)
        assert {row.name for row in rows} == set(operation.parameters)


def test_on_a_terminal_the_parameters_are_a_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with pytest.raises(SystemExit):
        command.operations(["create_refund"])
    shown = capsys.readouterr().out
    assert "new_refund().create_async()" in shown
    assert "flows/new_create_refund_response.py" in shown
    assert "duplicate, fraudulent, requested_by_customer" in shown


def test_on_a_terminal_it_is_a_table_that_says_what_is_not_reached(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with pytest.raises(SystemExit):
        command.operations(["quote"])
    shown = capsys.readouterr().out
    assert "operation" in shown.splitlines()[0]
    assert "GET /v1/quotes/{quote}/pdf (not reached" in shown
    assert "new_<operation>_response" in shown


def test_the_page_of_operations_is_not_stale() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "make_operations_page.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_pages_first_line_says_how_it_is_made() -> None:
    first = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").splitlines()[0]
    assert "python tools/make_operations_page.py" in first
