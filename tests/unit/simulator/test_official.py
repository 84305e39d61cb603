"""The classes of Stripe's own package can read the simulator's objects."""

from __future__ import annotations

import pytest
from stripe._object_classes import get_object_class
from stripe._stripe_object import StripeObject

from stripe_flows.simulator.objects.object_types import object_type
from stripe_flows.simulator.objects.shapes import shapes
from tests.unit.simulator.simulated import simulated


@pytest.mark.parametrize("resource", sorted(shapes().resources))
def test_the_official_classes_read_a_fresh_object(resource: str) -> None:
    fresh = object_type(resource).new(1_770_000_000)
    read = get_object_class("V1", resource).construct_from(fresh, "sk_test_1")
    assert isinstance(read, StripeObject)


def test_a_map_of_objects_that_holds_nothing_is_empty() -> None:
    stripe = simulated()
    coupon = stripe.post("/v1/coupons", {"percent_off": 10, "id": "tea"})
    assert coupon.status == 200
    made = stripe.post(
        "/v1/promotion_codes",
        {
            "promotion[type]": "coupon",
            "promotion[coupon]": "tea",
            "restrictions[minimum_amount]": "500",
            "restrictions[minimum_amount_currency]": "usd",
        },
    )
    assert made.body["restrictions"]["currency_options"] == {}
    rate = stripe.post(
        "/v1/shipping_rates",
        {
            "display_name": "Post",
            "fixed_amount[amount]": "500",
            "fixed_amount[currency]": "usd",
        },
    )
    assert rate.body["fixed_amount"]["currency_options"] == {}
    settings = stripe.post(
        "/v1/balance_settings", {"payments[payouts][schedule][interval]": "manual"}
    )
    payouts = settings.body["payments"]["payouts"]
    assert payouts["automatic_transfer_rules_by_currency"] == {}
    for path, answer in (
        ("promotion_code", made),
        ("shipping_rate", rate),
        ("balance_settings", settings),
    ):
        get_object_class("V1", path).construct_from(answer.body, "sk_test_1")
