"""`stripe-flows operations`, and the page with the same rows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from stripe_flows.engine.stripe.catalog import stripe_catalog
from stripe_flows.tasks import cli_operations
from stripe_flows.tasks.cli import cli

ROOT = Path(__file__).resolve().parents[3]


def operations(*args: str) -> Result:
    return CliRunner().invoke(cli, ["operations", *args])


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
    (row,) = json.loads(operations("pdf_quote", "--json").stdout)
    assert row == {
        "operation": "pdf_quote",
        "resource": "quote",
        "call": "quote(id).pdf_async()",
        "method": "GET",
        "path": "/v1/quotes/{quote}/pdf",
        "flows": ["new_pdf_quote_response", "new_pdf_quote_error"],
        "reached": False,
    }


def test_on_a_terminal_it_is_a_table_that_says_what_is_not_reached(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with pytest.raises(SystemExit):
        cli_operations.operations(["quote"])
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
