"""Sum up the money that a run charged, refunded or may have charged, from its record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias, get_args

from stripe_flows.engine.details import AnswerDetails, RequestDetails
from stripe_flows.engine.stripe.amount_text import amount_text

from .steps import Step

Moved: TypeAlias = Literal["charged", "authorized", "refunded", "refused", "unknown"]

_CHARGES = ("create", "confirm", "capture", "pay", "finalize", "apply", "increment")
"""Verbs that may move money. Another run may have made a charge that this one only retrieves."""

_WITH_AMOUNT = ("create_payment_intent", "create_charge", "create_refund")
"""Operations whose request has the amount."""


def answer_amount(answer: AnswerDetails) -> str | None:
    """Return the answer's amount for people; None if it has none."""
    for name in ("amount", "amount_due", "amount_total", "total", "unit_amount"):
        if name in answer.amounts and answer.currency:
            return amount_text(answer.amounts[name], answer.currency)
    return None


def moved(steps: Iterable[Step]) -> Mapping[Moved, Mapping[str, int]]:
    """Return the sums by kind and currency, in the currencies' smallest units.

    If several answers name the same object, the last one counts.
    """
    latest: dict[str, AnswerDetails] = {}
    own: set[str] = set()
    totals: dict[Moved, Counter[str]] = {}
    calls = {step.item: step for step in steps if step.kind == "call"}
    for step in calls.values():
        last = step.last
        if last is None:
            continue
        if step.outcome == "succeeded" and last.object_id and last.answer is not None:
            latest[last.object_id] = last.answer
            # A person named the object for a held call: the retrieval's parent is that call.
            meant = calls.get(last.parent or "", step)
            if meant.name.split("_", 1)[0] in _CHARGES:
                own.add(last.object_id)
        elif step.outcome in ("refused", "held", "unknown"):
            kind: Moved = "refused" if step.outcome == "refused" else "unknown"
            requested = _requested(step)
            if requested is not None:
                amount, currency = requested
                totals.setdefault(kind, Counter())[currency] += amount
    for object_id in latest.keys() & own:
        answer = latest[object_id]
        found = _of_object(answer)
        if found is not None and found[1] and answer.currency:
            totals.setdefault(found[0], Counter())[answer.currency] += found[1]
    return {kind: totals[kind] for kind in get_args(Moved) if kind in totals}


def _of_object(answer: AnswerDetails) -> tuple[Moved, int] | None:
    amounts, status = answer.amounts, answer.status
    match answer.object:
        case "payment_intent" if status == "succeeded":
            return "charged", amounts.get("amount_received", 0)
        case "payment_intent" if status == "requires_capture":
            return "authorized", amounts.get("amount_capturable", 0)
        case "charge" if status == "succeeded":
            captured = amounts.get("amount_captured", 0)
            return ("charged", captured) if captured else ("authorized", amounts.get("amount", 0))
        case "invoice" if status == "paid":
            return "charged", amounts.get("amount_paid", 0)
        case "refund" if status in ("succeeded", "pending"):
            return "refunded", amounts.get("amount", 0)
    return None


def _requested(step: Step) -> tuple[int, str] | None:
    request: RequestDetails | None = step.request
    if request is None or step.name not in _WITH_AMOUNT:
        return None
    amount, currency = request.parameters.get("amount"), request.parameters.get("currency")
    if type(amount) is not int or not isinstance(currency, str):
        return None
    return amount, currency.lower()
