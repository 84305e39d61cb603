"""Disputes: opened by the test cards for them, answered with evidence, won or lost.

Source: Stripe's document "Testing", "Disputed payments": the test cards, and the texts of
`uncategorized_text` that decide (`winning_evidence`, `losing_evidence`).
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.local.simulator.problems import invalid_request
from stripe_flows.local.simulator.resources.balance import record
from stripe_flows.local.simulator.resources.periods import DAY
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import Handlers, World

FEE = 1500
_OUTCOMES = {"winning_evidence": "won", "losing_evidence": "lost"}


def open_dispute(world: World, charge: Fields, reason: str) -> Fields:
    """A dispute of a charge. An `inquiry` moves no money yet."""
    inquiry = reason == "inquiry"
    made = world.new("dispute")
    made |= {
        "amount": charge["amount"],
        "charge": charge["id"],
        "currency": charge["currency"],
        "is_charge_refundable": inquiry,
        "payment_intent": charge["payment_intent"],
        "reason": "fraudulent" if inquiry else reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
    made["evidence_details"] |= {"due_by": made["created"] + 7 * DAY}
    charge["disputed"] = True
    world.put(made)
    if not inquiry:
        moved = record(world, "adjustment", -charge["amount"], made, fee=FEE)
        made["balance_transactions"] = [moved]
        world.emit("charge.dispute.funds_withdrawn", made)
    return made


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("dispute", ids[0], "dispute")
    if not found["status"].endswith("needs_response"):
        raise invalid_request(f"This dispute is already {found['status']}; it takes no evidence.")
    world.apply(found, params)
    evidence = params.get("evidence") or {}
    if evidence:
        found["evidence_details"]["has_evidence"] = True
    if params.get("submit", bool(evidence)):
        found["evidence_details"]["submission_count"] += 1
        outcome = _OUTCOMES.get(evidence.get("uncategorized_text", ""))
        under_review = found["status"].replace("needs_response", "under_review")
        found["status"] = outcome or under_review
        if outcome is not None:
            _settle(world, found)
    return world.put(found)


def close(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("dispute", ids[0], "dispute")
    if found["status"] in ("won", "lost", "warning_closed"):
        raise invalid_request("This dispute is already closed.")
    found["status"] = "lost"
    _settle(world, found)
    return world.put(found)


def _settle(world: World, dispute: Fields) -> None:
    world.emit("charge.dispute.closed", dispute)
    if dispute["status"] == "won":
        moved = record(world, "adjustment", dispute["amount"], dispute)
        dispute["balance_transactions"].append(moved)
        world.emit("charge.dispute.funds_reinstated", dispute)


HANDLERS: Handlers = MappingProxyType(
    {"POST /v1/disputes/{dispute}": update, "POST /v1/disputes/{dispute}/close": close}
)
