"""Prices: refused parameters, and tiers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulator.simulated import simulated

SEATS = {
    "billing_scheme": "tiered",
    "currency": "usd",
    "product_data[name]": "Seats",
    "recurring[interval]": "month",
    "tiers_mode": "graduated",
    "tiers[0][up_to]": 5,
    "tiers[0][unit_amount]": 100,
    "tiers[1][up_to]": "inf",
    "tiers[1][unit_amount_decimal]": "50.5",
    "tiers[1][flat_amount]": 10,
}


@pytest.mark.parametrize(
    ("interval", "count", "status"),
    [("year", 3, 200), ("year", 4, 400), ("month", 36, 200), ("month", 37, 400),
     ("week", 157, 400), ("day", 1096, 400), ("month", 0, 400)],
)  # fmt: skip
def test_a_period_is_three_years_long_at_most(interval: str, count: int, status: int) -> None:
    params: dict[str, Any] = {
        "currency": "usd",
        "unit_amount": 900,
        "product_data[name]": "Tea",
        "recurring[interval]": interval,
        "recurring[interval_count]": count,
    }
    made = simulated().post("/v1/prices", params)
    assert made.status == status
    if status == 400:
        assert made.error["param"] == "recurring[interval_count]"


def test_tiers_have_the_amounts_and_their_price_has_none() -> None:
    stripe = simulated()
    refused = stripe.post("/v1/prices", SEATS | {"unit_amount": 100})
    assert (refused.status, refused.error["param"]) == (400, "unit_amount")
    first, last = stripe.post("/v1/prices", SEATS).body["tiers"]
    assert (first["unit_amount"], first["unit_amount_decimal"]) == (100, "100")
    assert (first["flat_amount"], first["flat_amount_decimal"]) == (None, None)
    assert (last["unit_amount"], last["unit_amount_decimal"]) == (None, "50.5")
    assert (last["flat_amount"], last["flat_amount_decimal"]) == (10, "10")


def test_the_default_price_of_a_product_is_not_archived() -> None:
    stripe = simulated()
    data = {"currency": "usd", "unit_amount": 900}
    params = {"name": "Tea"} | {f"default_price_data[{k}]": v for k, v in data.items()}
    product = stripe.post("/v1/products", params).body
    path = f"/v1/prices/{product['default_price']}"
    refused = stripe.post(path, {"active": "false"})
    assert refused.status == 400
    assert "default price of its product" in refused.error["message"]
    other = stripe.post("/v1/prices", data | {"product": product["id"]}).body["id"]
    stripe.post(f"/v1/products/{product['id']}", {"default_price": other})
    assert stripe.post(path, {"active": "false"}).body["active"] is False
