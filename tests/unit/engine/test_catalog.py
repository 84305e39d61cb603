"""The catalog: what it holds, and that it is what the pinned stripe package says."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from stripe_flows.engine.stripe import catalog as module
from stripe_flows.engine.stripe.catalog import stripe_catalog

ROOT = Path(__file__).resolve().parents[3]
MAKE = ROOT / "tools" / "make_catalog.py"


@pytest.mark.sweep
def test_the_catalog_is_not_stale() -> None:
    if importlib.util.find_spec("stripe") is None:
        if os.environ.get("CI"):
            pytest.fail("the stripe package is not installed, so the catalog cannot be checked")
        pytest.skip("the stripe package is not installed")
    done = subprocess.run(
        [sys.executable, str(MAKE), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_its_first_line_says_that_it_is_generated_and_how() -> None:
    path = Path(module.__file__).with_name("catalog.json")
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert "`python tools/make_catalog.py` from stripe 16.1.0" in first


def test_it_is_for_one_version_of_the_api() -> None:
    assert stripe_catalog().api_version == "2026-10-28.endive"


def test_an_operation_has_method_path_and_parameters() -> None:
    operations = stripe_catalog().operations
    create = operations["create_payment_intent"]
    assert (create.method, create.path) == ("POST", "/v1/payment_intents")
    assert create.required == {"amount", "currency"}
    assert create.parameters["amount"] == "integer"
    capture = operations["capture_payment_intent"]
    assert capture.path == "/v1/payment_intents/{intent}/capture"
    assert capture.path_parameters == ("intent",)
    assert operations["cancel_subscription"].method == "DELETE"
    assert operations["list_customers"].method == "GET"


def test_options_of_the_request_are_no_parameters() -> None:
    for operation in stripe_catalog().operations.values():
        assert not {"api_key", "idempotency_key", "stripe_account"} & operation.parameters.keys()


def test_all_558_operations_of_v1_are_there_under_distinct_names() -> None:
    catalog = stripe_catalog()
    operations = list(catalog.operations.values())
    assert len(operations) == len({operation.name for operation in operations}) == 558
    calls = {(o.builder, o.called, len(o.path_parameters)) for o in operations}
    assert len(calls) == 558
    not_reached = [o.name for o in operations if o.host != "api"]
    assert not_reached == ["create_file", "pdf_quote"]


def test_one_endpoint_has_two_names_and_all_others_have_one() -> None:
    places: dict[str, list[str]] = {}
    for operation in stripe_catalog().operations.values():
        path = re.sub(r"{\w+}", "{}", operation.path)
        places.setdefault(f"{operation.method} {path}", []).append(operation.name)
    assert [names for names in places.values() if len(names) > 1] == [
        ["delete_customer_payment_source", "detach_source"]
    ]


def test_every_shape_can_be_resolved() -> None:
    catalog = stripe_catalog()
    waiting = [s for o in catalog.operations.values() for s in o.parameters.values()]
    seen = 0
    while waiting:
        shape = catalog.resolve(waiting.pop())
        seen += 1
        if isinstance(shape, str):
            assert shape in {
                "string",
                "integer",
                "timestamp",
                "number",
                "decimal",
                "boolean",
                "any",
            }
            continue
        assert isinstance(shape, dict)
        for kind, inner in shape.items():
            if kind == "object":
                waiting += catalog.object_fields(inner)[0].values()
            elif kind == "any_of":
                assert isinstance(inner, list)
                waiting += inner
            elif kind in ("list", "map", "unset"):
                waiting.append(inner)
            else:
                assert kind in ("enum", "open")
    assert seen > 2000
