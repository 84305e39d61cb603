"""Balance transactions: one for each change of the balance, and the balance as their sum.

The fee is that of a domestic card at Stripe's list price. Its value matters less than that net, fee
and amount agree.
"""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType

from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.periods import DAY
from stripe_flows.simulator.types import Fields

_FEE_PER_MILLE, _FEE_FIXED = 29, 30
_CATEGORIES = {
    "adjustment": "dispute",
    "application_fee": "platform_earning",
    "payment": "charge",
    "payment_refund": "refund",
    "stripe_fee": "fee",
}


def stripe_fee(amount: int) -> int:
    """Return Stripe's fee for a charge, in the smallest unit."""
    return (amount * _FEE_PER_MILLE + 500) // 1000 + _FEE_FIXED


def record(
    world: World, kind: str, amount: int, source: Fields, *, fee: int = 0, pending: bool = False
) -> Fields:
    """Create a balance transaction. `amount` is negative for money that leaves."""
    made = world.new("balance_transaction")
    made |= {
        "amount": amount,
        "available_on": made["created"] + (2 * DAY if pending else 0),
        "currency": source["currency"],
        "description": source.get("description"),
        "fee": fee,
        "net": amount - fee,
        "reporting_category": _CATEGORIES.get(kind, kind),
        "source": source["id"],
        "status": "pending" if pending else "available",
        "type": kind,
    }
    if fee:
        made["fee_details"] = [
            {
                "amount": fee,
                "application": None,
                "currency": source["currency"],
                "description": "Stripe processing fees",
                "type": "stripe_fee",
            }
        ]
    return world.put(made)


def retrieve(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    sums: dict[str, Counter[str]] = {"available": Counter(), "pending": Counter()}
    for one in world.store.all("balance_transaction"):
        sums[one["status"]][one["currency"]] += one["net"]
    made = world.new("balance")
    for status, amounts in sums.items():
        made[status] = [
            {"amount": amount, "currency": currency, "source_types": {"card": amount}}
            for currency, amount in (amounts or Counter({"usd": 0})).items()
        ]
    return made


HANDLERS: Handlers = MappingProxyType({"GET /v1/balance": retrieve})
