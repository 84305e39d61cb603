"""Flows that charge, and short ways to look at their calls."""

from __future__ import annotations

from stripe_flows.engine.identity import child_id, root_id
from stripe_flows.tasks.api.run import Run
from tests.integration.house import House, refusal

CHARGE = 'new_payment_intent().amount(2000).currency("usd").create_async()\n'
RESPONSE = 'print(f"made {parsed_data.id} in {call.attempts}")'
ERROR = "print(f\"refused {parsed_error.error.type} {parsed_error.error.get('code')}\")"


def call_of(run: Run) -> str:
    """The id of the first call of the run's first execution."""
    return child_id(root_id("default", run.id), "call", 0)


def keys(house: House) -> list[str]:
    return [sent.idempotency_key for sent in house.stripe.sent]


def statuses(run: Run) -> list[str]:
    return [event.status for event in run.history() if event.kind == "call"]


def held(house: House) -> Run:
    house.stripe.answers.append(refusal(500, "x", idempotent_replayed="true"))
    run = house.start()
    house.play()
    assert run.status() == "held"
    return run
