"""Customers: deletion, and refused e-mail addresses."""

from __future__ import annotations

import pytest

from tests.unit.simulator.simulated import simulated


def test_a_deleted_customer_can_only_be_looked_at() -> None:
    stripe = simulated()
    path = "/v1/customers/cus_1"
    assert stripe.delete(path).body["deleted"] is True
    assert stripe.get(path).body["deleted"] is True
    for answer in (stripe.delete(path), stripe.post(path, {"name": "Ada"})):
        assert (answer.status, answer.error["code"]) == (404, "resource_missing")
        assert answer.error["param"] == "id"


@pytest.mark.parametrize(
    ("path", "param"),
    [
        ("customers/cus_no", "id"),
        ("charges/ch_no", "id"),
        ("products/prod_no", "id"),
        ("payment_intents/pi_no", "intent"),
        ("coupons/no", "coupon"),
    ],
)
def test_a_missing_object_is_told_with_stripes_parameter(path: str, param: str) -> None:
    answer = simulated().get(f"/v1/{path}")
    assert (answer.status, answer.error["param"]) == (404, param)


@pytest.mark.parametrize("email", ["ada", "ada@", "ada@example", "a b@example.com", "@example.com"])
def test_an_address_without_the_form_of_one_is_refused(email: str) -> None:
    stripe = simulated()
    for path in ("/v1/customers", "/v1/customers/cus_1"):
        answer = stripe.post(path, {"email": email})
        assert (answer.status, answer.error["code"]) == (400, "email_invalid")
        assert answer.error["param"] == "email"


def test_an_address_with_the_form_of_one_is_taken() -> None:
    stripe = simulated()
    taken = stripe.post("/v1/customers/cus_1", {"email": "ada+tea@mail.example.co.uk"})
    assert taken.body["email"] == "ada+tea@mail.example.co.uk"
