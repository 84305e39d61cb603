"""Coupons and promotion codes: duration, products, and who can redeem them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.unit.simulator.simulated import Answer, Simulated, simulated
from tests.unit.simulator.simulated_billing import advanced, control, on_a_clock, session, types
from tests.unit.simulator.test_resources import priced, priced_once, subscribed, with_card

MONTH = 31 * 86_400


def coupon(stripe: Simulated, **params: Any) -> str:
    made = stripe.post("/v1/coupons", {"percent_off": 50} | params)
    assert made.status == 200, made.body
    return str(made.body["id"])


def code(stripe: Simulated, of: str, **params: Any) -> str:
    given = {"promotion[type]": "coupon", "promotion[coupon]": of} | params
    made = stripe.post("/v1/promotion_codes", given)
    assert made.status == 200, made.body
    return str(made.body["id"])


def bought(stripe: Simulated, customer: str, **params: Any) -> Answer:
    given = {"items[0][price]": priced(stripe)} | params
    return subscribed(stripe, customer=customer, **given)


def totals(stripe: Simulated, customer: str) -> list[int]:
    """The totals of a customer's invoices, oldest first."""
    found = stripe.get("/v1/invoices", {"customer": customer}).body["data"]
    return [one["total"] for one in reversed(found)]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"duration": "once"}, [450, 900, 900, 900]),
        ({"duration": "repeating", "duration_in_months": 2}, [450, 450, 900, 900]),
        ({"duration": "forever"}, [450, 450, 450, 450]),
    ],
)
def test_a_discount_lasts_as_long_as_its_coupon_says(
    params: dict[str, Any], expected: list[int]
) -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    off = coupon(stripe, **params)
    made = bought(stripe, customer, **{"discounts[0][coupon]": off}).body
    # A deleted coupon is redeemed no more; the discounts that it gave go on.
    stripe.delete(f"/v1/coupons/{off}")
    advanced(stripe, clock, made["created"] + 3 * MONTH)
    assert totals(stripe, customer) == expected
    left = stripe.get(f"/v1/subscriptions/{made['id']}").body["discounts"]
    assert bool(left) == (params["duration"] == "forever")
    assert ("customer.discount.deleted" in types(stripe)) == (not left)
    again = bought(stripe, customer, **{"discounts[0][coupon]": off})
    assert (again.status, again.error["code"]) == (400, "resource_missing")
    assert again.error["param"] == "discounts[0][coupon]"


def test_a_discount_that_applies_once_waits_for_an_invoice_that_costs_something() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    off = coupon(stripe, duration="once")
    params = {"discounts[0][coupon]": off, "trial_period_days": 7}
    made = bought(stripe, customer, **params).body
    advanced(stripe, clock, made["trial_end"] + 60)
    assert totals(stripe, customer) == [0, 450]


def test_a_coupon_for_some_products_discounts_their_lines_alone() -> None:
    stripe = simulated()
    customer = with_card(stripe)
    tea, milk = priced(stripe), priced(stripe, {"unit_amount": 300})
    product = stripe.get(f"/v1/prices/{tea}").body["product"]
    off = coupon(stripe, **{"applies_to[products][0]": product})
    made = subscribed(
        stripe,
        customer=customer,
        **{
            "items[0][price]": tea,
            "items[1][price]": milk,
            "discounts[0][coupon]": off,
            "expand[]": "latest_invoice",
        },
    ).body["latest_invoice"]
    assert (made["subtotal"], made["total"]) == (1200, 750)
    lines = made["lines"]["data"]
    assert [sum(row["amount"] for row in line["discount_amounts"]) for line in lines] == [450, 0]


def test_a_spent_coupon_is_refused() -> None:
    stripe = simulated()
    customer = with_card(stripe)
    off = coupon(stripe, max_redemptions=1)
    assert bought(stripe, customer, **{"discounts[0][coupon]": off}).status == 200
    shown = stripe.get(f"/v1/coupons/{off}").body
    assert (shown["valid"], shown["times_redeemed"]) == (False, 1)
    refused = bought(stripe, customer, **{"discounts[0][coupon]": off})
    assert (refused.status, refused.error["code"]) == (400, "coupon_expired")


def test_a_coupon_is_redeemed_until_its_time() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    off = coupon(stripe, redeem_by=int(time.time()) + 10 * MONTH)
    assert bought(stripe, customer, **{"discounts[0][coupon]": off}).status == 200
    advanced(stripe, clock, int(time.time()) + 11 * MONTH)
    refused = bought(stripe, customer, **{"discounts[0][coupon]": off})
    assert refused.error["code"] == "coupon_expired"
    late = stripe.post("/v1/coupons", {"percent_off": 5, "redeem_by": int(time.time()) - 60})
    assert (late.status, late.error["param"]) == (400, "redeem_by")


def test_an_amount_off_needs_the_currency_of_what_is_bought() -> None:
    stripe = simulated()
    customer = with_card(stripe)
    euros = stripe.post("/v1/coupons", {"amount_off": 100, "currency": "eur"}).body["id"]
    refused = bought(stripe, customer, **{"discounts[0][coupon]": euros})
    assert (refused.status, refused.error["param"]) == (400, "discounts[0][coupon]")
    both = {"amount_off": 100, "currency": "eur", "currency_options[usd][amount_off]": 200}
    known = stripe.post("/v1/coupons", both).body["id"]
    assert bought(stripe, customer, **{"discounts[0][coupon]": known}).status == 200
    assert totals(stripe, customer) == [700]


@pytest.mark.parametrize(
    ("restrictions", "reason"),
    [
        ({"active": "false"}, "not active"),
        ({"customer": "cus_1"}, "another customer's"),
        ({"restrictions[first_time_transaction]": "true"}, "has prior transactions"),
        (
            {
                "restrictions[minimum_amount]": 5000,
                "restrictions[minimum_amount_currency]": "usd",
            },
            "minimum amount",
        ),
        ({"expires_at": int(time.time()) + MONTH}, "expired"),
    ],
)
def test_a_promotion_code_keeps_its_restrictions(restrictions: dict[str, Any], reason: str) -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    named = {"discounts[0][promotion_code]": code(stripe, coupon(stripe), **restrictions)}
    assert bought(stripe, customer).status == 200
    if "expires_at" in restrictions:
        advanced(stripe, clock, int(time.time()) + 2 * MONTH)
    refused = bought(stripe, customer, **named)
    assert (refused.status, refused.error["param"]) == (400, "discounts[0][promotion_code]")
    assert reason in refused.error["message"]


def test_a_first_time_code_is_redeemed_by_a_new_customer_and_counted() -> None:
    stripe = simulated()
    off = coupon(stripe)
    rules = {"restrictions[first_time_transaction]": "true", "max_redemptions": 1}
    named = code(stripe, off, **rules)
    params = {"discounts[0][promotion_code]": named}
    assert bought(stripe, with_card(stripe), **params).status == 200
    shown = stripe.get(f"/v1/promotion_codes/{named}").body
    assert (shown["active"], shown["times_redeemed"]) == (False, 1)
    assert bought(stripe, with_card(stripe), **params).status == 400


def test_a_session_redeems_its_coupon_when_it_is_completed() -> None:
    stripe = simulated()
    off = coupon(stripe)
    made = session(stripe, priced_once(stripe), **{"discounts[0][coupon]": off})
    assert (made["amount_subtotal"], made["amount_total"]) == (1800, 900)
    assert made["total_details"]["amount_discount"] == 900
    assert stripe.get(f"/v1/coupons/{off}").body["times_redeemed"] == 0
    assert control(stripe, "complete", session=made["id"]) == 200
    assert stripe.get(f"/v1/coupons/{off}").body["times_redeemed"] == 1
