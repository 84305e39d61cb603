"""The fields of the resources: generated, complete, and with their initial values."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stripe_flows.simulator.objects.object_types import object_type
from stripe_flows.simulator.objects.shapes import shapes

ROOT = Path(__file__).parents[3]


@pytest.mark.sweep
def test_the_objects_are_those_of_the_pinned_package() -> None:
    command = [sys.executable, "tools/make_objects.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    first = (ROOT / "simulator/objects/objects.json").read_text().partition("\n")[0]
    assert "make_objects.py" in first
    assert "not to be edited" in first


def test_every_resource_can_be_made() -> None:
    for resource in shapes().resources:
        made = object_type(resource).new(1_770_000_000)
        assert made.get("object", resource) == resource
        assert made.get("livemode", False) is False
        assert made.get("created", 1_770_000_000) == 1_770_000_000
        assert "deleted" not in made


@pytest.mark.parametrize(
    ("resource", "prefix"),
    [
        ("charge", "ch_"), ("checkout.session", "cs_test_"), ("customer", "cus_"),
        ("dispute", "du_"), ("event", "evt_"), ("invoice", "in_"), ("invoiceitem", "ii_"),
        ("payment_intent", "pi_"), ("payment_method", "pm_"), ("price", "price_"),
        ("product", "prod_"), ("refund", "re_"), ("setup_intent", "seti_"),
        ("subscription", "sub_"), ("subscription_item", "si_"), ("transfer", "tr_"),
        ("test_helpers.test_clock", "clock_"), ("account", "acct_"),
    ],
)  # fmt: skip
def test_an_id_begins_as_stripes_does(resource: str, prefix: str) -> None:
    first, second = object_type(resource).new(1), object_type(resource).new(1)
    assert first["id"].startswith(prefix)
    assert first["id"] != second["id"]


def test_an_id_that_a_fresh_object_has_is_of_the_right_kind() -> None:
    assert object_type("refund").new(1)["charge"] is None
    assert object_type("credit_note").new(1)["invoice"].startswith("in_")


def test_parameters_fill_the_nested_objects_that_were_null() -> None:
    price = object_type("price").new(1)
    object_type("price").apply(
        price, {"recurring": {"interval": "month"}}, lambda resource, key: None
    )
    assert price["recurring"]["interval"] == "month"
    assert price["recurring"]["interval_count"] == 1
    assert set(price["recurring"]) >= {"meter", "trial_period_days", "usage_type"}


def test_a_value_that_does_not_fit_a_field_leaves_it() -> None:
    made = object_type("subscription").new(1)
    before = dict(made)
    given = {"trial_end": "now", "items": [{"price": "price_1"}], "nonsense": 1}
    object_type("subscription").apply(made, given, lambda resource, key: None)
    assert made == before
