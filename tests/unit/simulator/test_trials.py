"""Trials: announcements, and customers who cannot pay at the end."""

from __future__ import annotations

from typing import Any

from tests.unit.simulator.simulated import Simulated, simulated
from tests.unit.simulator.simulated_billing import advanced, on_a_clock, types
from tests.unit.simulator.test_resources import priced, subscribed

DAY = 86_400
WILL_END = "customer.subscription.trial_will_end"


def tried(
    stripe: Simulated, days: int, *, card: str | None = None, missing: str | None = None
) -> tuple[str, str, dict[str, Any]]:
    """A clock, a customer and a subscription on trial for so many days."""
    clock, customer = on_a_clock(stripe, card)
    params: dict[str, Any] = {"items[0][price]": priced(stripe), "trial_period_days": days}
    if missing is not None:
        params["trial_settings[end_behavior][missing_payment_method]"] = missing
    return clock, customer, subscribed(stripe, customer=customer, **params).body


def status(stripe: Simulated, subscription: dict[str, Any]) -> str:
    found = stripe.get(f"/v1/subscriptions/{subscription['id']}").body
    return str(found["status"])


def test_three_days_before_its_end_a_trial_is_announced_once() -> None:
    stripe = simulated()
    clock, _, made = tried(stripe, 14, card="pm_card_visa")
    advanced(stripe, clock, made["trial_end"] - 3 * DAY - 1)
    assert WILL_END not in types(stripe)
    advanced(stripe, clock, made["trial_end"] - 3 * DAY)
    assert types(stripe).count(WILL_END) == 1
    event = stripe.get("/v1/events", {"type": WILL_END}).body["data"][0]
    assert event["data"]["object"]["id"] == made["id"]
    assert event["data"]["object"]["status"] == "trialing"
    advanced(stripe, clock, made["trial_end"] + DAY)
    assert types(stripe).count(WILL_END) == 1
    assert status(stripe, made) == "active"


def test_a_short_trial_is_announced_when_it_begins_and_a_longer_one_anew() -> None:
    stripe = simulated()
    clock, _, made = tried(stripe, 2, card="pm_card_visa")
    assert types(stripe).count(WILL_END) == 1
    later = made["trial_end"] + 10 * DAY
    stripe.post(f"/v1/subscriptions/{made['id']}", {"trial_end": later})
    assert types(stripe).count(WILL_END) == 1
    advanced(stripe, clock, later - 2 * DAY)
    assert types(stripe).count(WILL_END) == 2


def test_a_trial_that_is_ended_now_is_announced_and_billed() -> None:
    stripe = simulated()
    _, _, made = tried(stripe, 14, card="pm_card_visa")
    path = f"/v1/subscriptions/{made['id']}"
    ended = stripe.post(path, {"trial_end": "now", "expand[]": "latest_invoice"}).body
    assert (ended["status"], ended["latest_invoice"]["amount_paid"]) == ("active", 900)
    assert WILL_END in types(stripe)


def test_without_a_card_the_invoice_is_left_open_by_default() -> None:
    stripe = simulated()
    clock, _, made = tried(stripe, 7)
    advanced(stripe, clock, made["trial_end"] + 60)
    assert status(stripe, made) == "past_due"
    assert "invoice.payment_failed" in types(stripe)
    assert "charge.failed" not in types(stripe)


def test_without_a_card_it_can_be_canceled() -> None:
    stripe = simulated()
    clock, _, made = tried(stripe, 7, missing="cancel")
    advanced(stripe, clock, made["trial_end"] + 60)
    assert status(stripe, made) == "canceled"


def test_without_a_card_it_can_be_paused_and_is_resumed_with_one() -> None:
    stripe = simulated()
    clock, _, made = tried(stripe, 7, missing="pause")
    advanced(stripe, clock, made["trial_end"] + 60)
    assert status(stripe, made) == "paused"
    assert "customer.subscription.paused" in types(stripe)
    advanced(stripe, clock, made["trial_end"] + 50 * DAY)
    assert status(stripe, made) == "paused"
    # Nobody pays yet: it stays so, and its invoice is open.
    path = f"/v1/subscriptions/{made['id']}"
    resumed = stripe.post(f"{path}/resume", {"expand[]": "latest_invoice"}).body
    assert (resumed["status"], resumed["latest_invoice"]["status"]) == ("paused", "open")
    invoice = resumed["latest_invoice"]["id"]
    stripe.post(f"/v1/invoices/{invoice}/pay", {"payment_method": "pm_card_visa"})
    found = stripe.get(path).body
    assert found["status"] == "active"
    assert found["items"]["data"][0]["current_period_start"] == made["trial_end"] + 50 * DAY
    assert "customer.subscription.resumed" in types(stripe)


def test_only_a_paused_subscription_can_be_resumed() -> None:
    stripe = simulated()
    _, _, made = tried(stripe, 7, card="pm_card_visa")
    refused = stripe.post(f"/v1/subscriptions/{made['id']}/resume")
    assert refused.status == 400
