"""Subscription schedules on a clock: start, change of price, and end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulator.simulated import Answer, Simulated, simulated
from tests.unit.simulator.simulated_billing import advanced, on_a_clock, types
from tests.unit.simulator.test_resources import priced, subscribed

DAY = 86_400
START = 1_770_000_000
"""Where the clock of `on_a_clock` stands."""


def scheduled(stripe: Simulated, customer: str, prices: list[str], **params: Any) -> Answer:
    """A schedule with a phase of a month for each price."""
    given: dict[str, Any] = {"customer": customer, "start_date": "now"}
    for index, price in enumerate(prices):
        given[f"phases[{index}][items][0][price]"] = price
        given[f"phases[{index}][duration][interval]"] = "month"
    return stripe.post("/v1/subscription_schedules", given | params)


def prices_of(stripe: Simulated, subscription: str) -> list[str]:
    found = stripe.get(f"/v1/subscriptions/{subscription}").body
    return [row["price"]["id"] for row in found["items"]["data"]]


def invoices(stripe: Simulated, customer: str) -> list[tuple[str, int]]:
    found = stripe.get("/v1/invoices", {"customer": customer}).body["data"]
    return [(one["billing_reason"], one["total"]) for one in reversed(found)]


def test_a_schedule_in_the_future_begins_when_its_time_comes() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    price = priced(stripe)
    made = scheduled(stripe, customer, [price], start_date=START + 10 * DAY).body
    assert (made["status"], made["subscription"]) == ("not_started", None)
    advanced(stripe, clock, START + 9 * DAY)
    assert invoices(stripe, customer) == []
    advanced(stripe, clock, START + 10 * DAY)
    found = stripe.get(f"/v1/subscription_schedules/{made['id']}").body
    assert (found["status"], found["current_phase"]) == (
        "active",
        {"start_date": START + 10 * DAY, "end_date": made["phases"][0]["end_date"]},
    )
    held = stripe.get(f"/v1/subscriptions/{found['subscription']}").body
    assert (held["status"], held["schedule"]) == ("active", made["id"])
    assert held["start_date"] == START + 10 * DAY
    assert invoices(stripe, customer) == [("subscription_create", 900)]


def test_a_price_that_changes_with_the_period_is_billed_by_the_renewal() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    cheap, dear = priced(stripe), priced(stripe, {"unit_amount": 1900})
    made = scheduled(stripe, customer, [cheap, dear]).body
    key = made["subscription"]
    advanced(stripe, clock, made["phases"][0]["end_date"] + 60)
    assert prices_of(stripe, key) == [dear]
    assert invoices(stripe, customer) == [
        ("subscription_create", 900),
        ("subscription_cycle", 1900),
    ]
    assert stripe.get("/v1/invoiceitems", {"customer": customer}).body["data"] == []


def test_a_price_that_changes_within_the_period_is_prorated() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    cheap, dear = priced(stripe), priced(stripe, {"unit_amount": 1900})
    month = 28 * DAY
    made = stripe.post(
        "/v1/subscription_schedules",
        {
            "customer": customer,
            "start_date": "now",
            "phases[0][items][0][price]": cheap,
            "phases[0][end_date]": START + month // 2,
            "phases[1][items][0][price]": dear,
            "phases[1][duration][interval]": "month",
        },
    ).body
    advanced(stripe, clock, START + month // 2)
    assert prices_of(stripe, made["subscription"]) == [dear]
    pending = stripe.get("/v1/invoiceitems", {"customer": customer}).body["data"]
    assert [one["proration"] for one in pending] == [True, True]
    assert sum(one["amount"] for one in pending) == 500
    held = stripe.get(f"/v1/subscriptions/{made['subscription']}").body
    assert held["items"]["data"][0]["current_period_start"] == START


@pytest.mark.parametrize(
    ("behaviour", "status", "subscription"),
    [("release", "released", "active"), ("cancel", "completed", "canceled")],
)
def test_a_schedule_ends_as_it_says(behaviour: str, status: str, subscription: str) -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    made = scheduled(stripe, customer, [priced(stripe)], end_behavior=behaviour).body
    advanced(stripe, clock, made["phases"][0]["end_date"] + 60)
    found = stripe.get(f"/v1/subscription_schedules/{made['id']}").body
    assert found["status"] == status
    assert f"subscription_schedule.{status}" in types(stripe)
    held = stripe.get(f"/v1/subscriptions/{made['subscription']}").body
    assert held["status"] == subscription
    expected = [("subscription_create", 900)]
    if behaviour == "release":
        expected.append(("subscription_cycle", 900))
    assert invoices(stripe, customer) == expected


def test_a_change_at_the_end_of_the_period_of_what_is_there() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    cheap, dear = priced(stripe), priced(stripe, {"unit_amount": 1900})
    held = subscribed(stripe, customer=customer, **{"items[0][price]": cheap}).body
    given = {"from_subscription": held["id"]}
    made = stripe.post("/v1/subscription_schedules", given).body
    (present,) = made["phases"]
    assert stripe.post("/v1/subscription_schedules", given).error["param"] == "from_subscription"
    path = f"/v1/subscription_schedules/{made['id']}"
    phases = {
        "phases[0][items][0][price]": cheap,
        "phases[0][start_date]": present["start_date"],
        "phases[0][end_date]": present["end_date"],
        "phases[1][items][0][price]": dear,
        "phases[1][items][0][quantity]": 2,
        "phases[1][duration][interval]": "month",
    }
    changed = stripe.post(path, phases).body
    assert len(changed["phases"]) == 2
    assert prices_of(stripe, held["id"]) == [cheap]
    late = phases | {"phases[0][start_date]": present["start_date"] + 60}
    assert stripe.post(path, late).error["param"] == "phases"
    # When it ends is the schedule's business now.
    direct = stripe.post(f"/v1/subscriptions/{held['id']}", {"cancel_at_period_end": "true"})
    assert direct.status == 400
    advanced(stripe, clock, present["end_date"] + 60)
    assert prices_of(stripe, held["id"]) == [dear]
    assert invoices(stripe, customer)[-1] == ("subscription_cycle", 3800)


def test_a_change_of_the_current_phase_is_made_now() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    cheap, dear = priced(stripe), priced(stripe, {"unit_amount": 1900})
    made = scheduled(stripe, customer, [cheap]).body
    advanced(stripe, clock, START + 14 * DAY)
    changed = {
        "phases[0][items][0][price]": dear,
        "phases[0][start_date]": made["phases"][0]["start_date"],
        "phases[0][end_date]": made["phases"][0]["end_date"],
    }
    stripe.post(f"/v1/subscription_schedules/{made['id']}", changed)
    assert prices_of(stripe, made["subscription"]) == [dear]
    pending = stripe.get("/v1/invoiceitems", {"customer": customer}).body["data"]
    assert len(pending) == 2


def test_a_phase_can_be_a_trial_and_have_a_coupon() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    coupon = stripe.post("/v1/coupons", {"percent_off": 50, "duration": "forever"}).body["id"]
    price = priced(stripe)
    options = {"phases[0][trial]": "true", "phases[1][discounts][0][coupon]": coupon}
    made = scheduled(stripe, customer, [price, price], **options).body
    held = stripe.get(f"/v1/subscriptions/{made['subscription']}").body
    assert (held["status"], held["trial_end"]) == ("trialing", made["phases"][0]["end_date"])
    advanced(stripe, clock, held["trial_end"] + 60)
    held = stripe.get(f"/v1/subscriptions/{made['subscription']}").body
    assert (held["status"], invoices(stripe, customer)[-1][1]) == ("active", 450)


def test_a_canceled_schedule_takes_its_subscription_along() -> None:
    stripe = simulated()
    _, customer = on_a_clock(stripe)
    made = scheduled(stripe, customer, [priced(stripe)]).body
    path = f"/v1/subscription_schedules/{made['id']}"
    assert stripe.post(f"{path}/cancel").body["status"] == "canceled"
    held = stripe.get(f"/v1/subscriptions/{made['subscription']}").body
    assert held["status"] == "canceled"
    assert stripe.post(f"{path}/release").status == 400


def test_a_canceled_subscription_takes_its_schedule_along() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    made = scheduled(stripe, customer, [priced(stripe)]).body
    stripe.delete(f"/v1/subscriptions/{made['subscription']}")
    found = stripe.get(f"/v1/subscription_schedules/{made['id']}").body
    assert found["status"] == "canceled"
    advanced(stripe, clock, START + 90 * DAY)
    assert len(invoices(stripe, customer)) == 1
