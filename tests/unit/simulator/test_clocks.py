"""Test clocks: reach, statuses, and announcements on the way."""

from __future__ import annotations

import pytest

from tests.unit.simulator.simulated import simulated
from tests.unit.simulator.simulated_billing import advanced, on_a_clock, types
from tests.unit.simulator.test_resources import priced, subscribed

DAY = 86_400
START = 1_770_000_000


def test_a_clock_is_advancing_and_then_ready() -> None:
    stripe = simulated()
    clock, _ = on_a_clock(stripe)
    path = f"/v1/test_helpers/test_clocks/{clock}"
    moved = stripe.post(f"{path}/advance", {"frozen_time": START + DAY}).body
    assert moved["status"] == "advancing"
    assert moved["status_details"]["advancing"] == {"target_frozen_time": START + DAY}
    found = stripe.get(path).body
    assert (found["status"], found["frozen_time"]) == ("ready", START + DAY)
    told = [name for name in types(stripe) if "test_clock" in name]
    assert [name.rpartition(".")[2] for name in told] == ["created", "advancing", "ready"]


@pytest.mark.parametrize(("interval", "reach"), [("day", 2), ("week", 14), ("month", 59)])
def test_a_clock_goes_two_intervals_of_the_shortest_subscription(interval: str, reach: int) -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    for each in (interval, "year"):
        price = priced(stripe, {"recurring[interval]": each})
        subscribed(stripe, customer=customer, **{"items[0][price]": price})
    path = f"/v1/test_helpers/test_clocks/{clock}/advance"
    refused = stripe.post(path, {"frozen_time": START + reach * DAY + 1})
    assert (refused.status, refused.error["param"]) == (400, "frozen_time")
    assert stripe.post(path, {"frozen_time": START + reach * DAY}).status == 200


def test_a_clock_without_subscriptions_goes_two_years() -> None:
    stripe = simulated()
    clock, _ = on_a_clock(stripe)
    path = f"/v1/test_helpers/test_clocks/{clock}/advance"
    assert stripe.post(path, {"frozen_time": START + 731 * DAY}).status == 400
    assert stripe.post(path, {"frozen_time": START + 730 * DAY}).status == 200


def test_a_renewal_is_announced_seven_days_before_and_looks_back() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    made = subscribed(stripe, customer=customer, **{"items[0][price]": priced(stripe)}).body
    end = made["items"]["data"][0]["current_period_end"]
    waiting = {"customer": customer, "amount": 100, "currency": "usd"}
    item = stripe.post("/v1/invoiceitems", waiting).body["id"]
    advanced(stripe, clock, end - 7 * DAY - 1)
    assert "invoice.upcoming" not in types(stripe)
    advanced(stripe, clock, end - 60)
    told = stripe.get("/v1/events", {"type": "invoice.upcoming"}).body["data"]
    shown = told[0]["data"]["object"]
    assert (len(told), shown["total"], shown["billing_reason"]) == (1, 1000, "upcoming")
    assert (shown["period_start"], shown["period_end"]) == (START, end)
    # Nothing was kept of it.
    assert stripe.get(f"/v1/invoiceitems/{item}").body["invoice"] is None
    assert len(stripe.get("/v1/invoices", {"customer": customer}).body["data"]) == 1
    advanced(stripe, clock, end + 60)
    renewed = stripe.get("/v1/invoices", {"customer": customer}).body["data"][0]
    assert (renewed["billing_reason"], renewed["total"]) == ("subscription_cycle", 1000)
    assert (renewed["period_start"], renewed["period_end"]) == (START, end)
    assert types(stripe).count("invoice.upcoming") == 1


def test_the_end_of_a_subscription_and_a_short_period_are_not_announced() -> None:
    stripe = simulated()
    clock, customer = on_a_clock(stripe)
    ending = {"items[0][price]": priced(stripe), "cancel_at_period_end": "true"}
    weekly = {"items[0][price]": priced(stripe, {"recurring[interval]": "week"})}
    for params in (ending, weekly):
        assert subscribed(stripe, customer=customer, **params).status == 200
    advanced(stripe, clock, START + 13 * DAY)
    advanced(stripe, clock, START + 27 * DAY)
    assert "invoice.upcoming" not in types(stripe, type="invoice.*")
