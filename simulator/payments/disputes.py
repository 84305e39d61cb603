"""Disputes: opened by test cards, answered with evidence, won or lost.

Source: Stripe's document "Testing", "Disputed payments": the test cards, and the values of
`uncategorized_text` that decide: `winning_evidence`, `losing_evidence`, and
`escalate_inquiry_evidence`, which turns an inquiry into a dispute.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

from stripe_flows.simulator.balance.transactions import record
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.periods import DAY
from stripe_flows.simulator.problems import invalid_request
from stripe_flows.simulator.types import Fields

FEE = 1500
_OUTCOMES = {"winning_evidence": "won", "losing_evidence": "lost"}


class DisputeKind(NamedTuple):
    """The fields of a test card's dispute."""

    reason: str
    network_code: str | None = None
    eligible: tuple[str, ...] = ()


KINDS = MappingProxyType(
    {
        "inquiry": DisputeKind("fraudulent"),
        "compelling_evidence": DisputeKind("fraudulent", "10.4", ("visa_compelling_evidence_3",)),
        "visa_compliance": DisputeKind("noncompliant", None, ("visa_compliance",)),
        "mastercard_compliance": DisputeKind("noncompliant", None, ("mastercard_compliance",)),
    }
)
"""Kinds of dispute that need more than a reason."""


def open_dispute(world: World, charge: Fields, reason: str) -> Fields:
    """Open a dispute of a charge, for a reason or one of `KINDS`. An inquiry moves no money."""
    inquiry = reason == "inquiry"
    kind = KINDS.get(reason, DisputeKind(reason))
    made = world.new("dispute")
    made |= {
        "amount": charge["amount"],
        "charge": charge["id"],
        "currency": charge["currency"],
        "is_charge_refundable": inquiry,
        "payment_intent": charge["payment_intent"],
        "enhanced_eligibility_types": list(kind.eligible),
        "network_reason_code": kind.network_code,
        "payment_method_details": _details(charge, kind),
        "reason": kind.reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
    made["evidence_details"] |= {"due_by": made["created"] + 7 * DAY}
    charge["disputed"] = True
    world.put(made)
    if not inquiry:
        _withdraw(world, made)
    return made


def warn(world: World, charge: Fields) -> None:
    """Create an early fraud warning of the card's bank."""
    made = world.new("radar.early_fraud_warning")
    made |= {
        "actionable": True,
        "charge": charge["id"],
        "fraud_type": "made_with_stolen_card",
        "payment_intent": charge["payment_intent"],
    }
    world.put(made)


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("dispute", ids[0], "dispute")
    if not found["status"].endswith("needs_response"):
        raise invalid_request(f"This dispute is already {found['status']}; it accepts no evidence.")
    world.apply(found, params)
    evidence = params.get("evidence") or {}
    if evidence:
        found["evidence_details"]["has_evidence"] = True
    if params.get("submit", bool(evidence)):
        found["evidence_details"]["submission_count"] += 1
        text = evidence.get("uncategorized_text", "")
        inquiry = found["status"] == "warning_needs_response"
        if inquiry and text == "escalate_inquiry_evidence":
            found |= {"status": "needs_response", "is_charge_refundable": False}
            _withdraw(world, found)
            return world.put(found)
        outcome = _OUTCOMES.get(text)
        under_review = found["status"].replace("needs_response", "under_review")
        found["status"] = outcome or under_review
        if outcome is not None:
            # An answered inquiry is closed, neither won nor lost.
            found["status"] = "warning_closed" if inquiry else outcome
            _settle(world, found)
    return world.put(found)


def close(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("dispute", ids[0], "dispute")
    if found["status"] in ("won", "lost", "warning_closed"):
        raise invalid_request("This dispute is already closed.")
    found["status"] = "warning_closed" if found["status"].startswith("warning") else "lost"
    _settle(world, found)
    return world.put(found)


def _details(charge: Fields, kind: DisputeKind) -> Fields | None:
    card = (charge["payment_method_details"] or {}).get("card")
    if card is None:
        return None
    shown = {
        "brand": card["brand"],
        "case_type": "compliance" if kind.reason == "noncompliant" else "chargeback",
        "network": card["network"],
        "network_reason_code": kind.network_code,
    }
    return {"type": "card", "card": shown}


def _withdraw(world: World, dispute: Fields) -> None:
    moved = record(world, "adjustment", -dispute["amount"], dispute, fee=FEE)
    dispute["balance_transactions"] = [moved]
    world.emit("charge.dispute.funds_withdrawn", dispute)


def _settle(world: World, dispute: Fields) -> None:
    world.emit("charge.dispute.closed", dispute)
    if dispute["status"] == "won":
        # The fee is returned too, as for winning evidence in Stripe's sandbox.
        moved = record(world, "adjustment", dispute["amount"], dispute, fee=-FEE)
        dispute["balance_transactions"].append(moved)
        world.emit("charge.dispute.funds_reinstated", dispute)


HANDLERS: Handlers = MappingProxyType(
    {"POST /v1/disputes/{dispute}": update, "POST /v1/disputes/{dispute}/close": close}
)
