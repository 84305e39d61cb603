"""A customer's balance with the account, applied to the next invoice.

Source: Stripe's document "Customer credit balance": a negative amount is a credit.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.money import read_currency
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.types import Fields


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    customer = world.named_by_path("customer", ids[0], "customer")
    made = adjust(world, customer, params["amount"], read_currency(params), "adjustment")
    world.apply(made, {k: v for k, v in params.items() if k in ("description", "metadata")})
    return world.put(made)


def adjust(
    world: World, customer: Fields, amount: int, currency: str, kind: str, **more: str
) -> Fields:
    """Change what a customer owes (negative: a credit). Return the transaction that records it."""
    customer["balance"] += amount
    customer["currency"] = customer["currency"] or currency
    world.put(customer)
    made = world.new("customer_balance_transaction")
    made |= {
        "amount": amount,
        "currency": currency,
        "customer": customer["id"],
        "ending_balance": customer["balance"],
        "type": kind,
        **more,
    }
    return world.put(made)


HANDLERS: Handlers = MappingProxyType(
    {"POST /v1/customers/{customer}/balance_transactions": create}
)
