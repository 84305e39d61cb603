"""Helpers of the billing tests."""

from __future__ import annotations

import json
from typing import Any

from stripe_flows.simulator.control import Control
from stripe_flows.simulator.http import HttpRequest
from tests.unit.simulator.simulated import Simulated


def types(stripe: Simulated, **query: Any) -> list[str]:
    """The types of all events, oldest first."""
    found = stripe.get("/v1/events", {"limit": 100} | query).body["data"]
    return [event["type"] for event in reversed(found)]


def control(stripe: Simulated, name: str, **body: Any) -> int:
    """Ask a control endpoint; the status that it answers."""
    request = HttpRequest("POST", f"/_sim/{name}", "", {}, json.dumps(body).encode())
    return Control(stripe.simulation).answer(request).status


def on_a_clock(stripe: Simulated, card: str | None = "pm_card_visa") -> tuple[str, str]:
    """A test clock and a customer on it."""
    clock = stripe.post("/v1/test_helpers/test_clocks", {"frozen_time": 1_770_000_000}).body["id"]
    params: dict[str, Any] = {"test_clock": clock}
    if card is not None:
        params |= {"payment_method": card, "invoice_settings[default_payment_method]": card}
    return clock, stripe.post("/v1/customers", params).body["id"]


def advanced(stripe: Simulated, clock: str, to: int) -> None:
    """In steps that Stripe takes of a clock with a monthly subscription."""
    path = f"/v1/test_helpers/test_clocks/{clock}"
    now = stripe.get(path).body["frozen_time"]
    while now < to:
        now = min(to, now + 56 * 86_400)
        moved = stripe.post(f"{path}/advance", {"frozen_time": now})
        assert (moved.status, moved.body.get("status")) == (200, "advancing"), moved.body
        found = stripe.get(path).body
        assert (found["status"], found["frozen_time"]) == ("ready", now)


def session(stripe: Simulated, price: str, *, mode: str = "payment", **more: Any) -> dict[str, Any]:
    """A checkout session for two of something."""
    params = {
        "mode": mode,
        "success_url": "https://example.com",
        "line_items[0][price]": price,
        "line_items[0][quantity]": 2,
    }
    made = stripe.post("/v1/checkout/sessions", params | more)
    assert made.status == 200, made.body
    return made.body
