"""Cash balance: money from a customer's bank transfers that no payment has used yet."""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.types import Fields

_KEPT = "_cash_balance"


def available(world: World, customer: str) -> dict[str, int]:
    """Return a customer's cash balance by currency, in the smallest unit."""
    found: dict[str, int] = (world.store.get(_KEPT, customer) or {"amounts": {}})["amounts"]
    return found


def move(world: World, customer: str, currency: str, amount: int, kind: str) -> Fields:
    """Change a customer's cash balance. Return the transaction that records it."""
    amounts = available(world, customer)
    amounts[currency] = amounts.get(currency, 0) + amount
    world.store.put(_KEPT, {"id": customer, "amounts": amounts})
    made = world.new("customer_cash_balance_transaction")
    made |= {
        "currency": currency,
        "customer": customer,
        "ending_balance": amounts[currency],
        "net_amount": amount,
        "type": kind,
    }
    return world.put(made)


def apply(world: World, intent: Fields, owed: int) -> int:
    """Use the cash balance for a payment. Return the amount that is left to pay."""
    customer, currency = intent["customer"], intent["currency"]
    used = min(owed, available(world, customer).get(currency, 0)) if customer else 0
    if used:
        move(world, customer, currency, -used, "applied_to_payment")
    return owed - used


def retrieve(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    world.named_by_path("customer", ids[0], "customer")
    made = world.new("cash_balance") | {"customer": ids[0]}
    there = {currency: amount for currency, amount in available(world, ids[0]).items() if amount}
    return made | {"available": there or None}


HANDLERS: Handlers = MappingProxyType({"GET /v1/customers/{customer}/cash_balance": retrieve})
