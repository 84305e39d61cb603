"""A shop that runs the examples: the whole house, with the simulator where Stripe would be.

The house is that of the other integration tests, but that its calls go out by the real client. What
Stripe holds at the end is read with Stripe's own client.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import stripe

from stripe_flows.simulator.client import SimulatorClient
from stripe_flows.tasks.api.run import Run
from tests.integration.house import House

FLOWS = Path(__file__).parents[3] / "flows"

CARD: Any = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}


@dataclass
class Shop:
    """The parts of it. `stripe`: Stripe's own client, pointed at the simulator."""

    house: House
    simulator: SimulatorClient
    stripe: stripe.StripeClient

    def run(self, example: str, run_id: str = "order-42", **params: Any) -> Run:
        """Starts `examples/<example>` and goes on until nothing is due."""
        run = self.house.start(f"examples/{example}", run=run_id, params=params)
        self.house.play()
        return run

    def received(self) -> list[str]:
        """The operations that Stripe was asked for, in order, by whomever."""
        return [str(entry["operation"]) for entry in self.simulator.ledger()]

    def events(self) -> list[str]:
        """What Stripe would have told by webhooks, in order."""
        return [str(event.type) for event in self.stripe.v1.events.list({"limit": 100})][::-1]


def flows_of(run: Run) -> list[str]:
    """The flows that ran well, in the order in which they ended, without their folder."""
    return [
        event.flow.removeprefix("examples/")
        for event in run.history()
        if event.kind == "execution" and event.status == "succeeded" and event.flow is not None
    ]


def why(run: Run) -> str:
    """What the run failed of."""
    (wrong,) = [event.error for event in run.history() if event.is_wrong]
    return str(wrong)
