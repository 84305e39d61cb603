"""An operation of the catalog → what carries it out: a resource's own handler, or a generic verb.

A module under `resources/` holds only what a resource does beyond the verbs that all have in
common, and names it by its endpoint.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.engine.stripe.catalog import Operation
from stripe_flows.simulator.consequences import follow
from stripe_flows.simulator.endpoints import endpoint
from stripe_flows.simulator.generic import carry_out_generically
from stripe_flows.simulator.references import check_references
from stripe_flows.simulator.resources import (
    accounts,
    balance,
    bank_transfers,
    cash_balance,
    charges,
    checkout,
    confirmation_tokens,
    connect,
    coupons,
    credit_notes,
    customer_balances,
    customers,
    developers,
    discounts,
    disputes,
    draft_lines,
    events,
    invoice_lines,
    invoices,
    meters,
    payment_intents,
    payment_methods,
    payouts,
    previews,
    prices,
    products,
    quotes,
    refunds,
    reversals,
    schedules,
    setup_intents,
    subscription_parts,
    subscriptions,
    test_clocks,
)
from stripe_flows.simulator.values import Fields
from stripe_flows.simulator.world import Handlers, World

_MODULES = (
    accounts,
    balance,
    bank_transfers,
    cash_balance,
    charges,
    checkout,
    confirmation_tokens,
    connect,
    coupons,
    credit_notes,
    customer_balances,
    customers,
    discounts,
    developers,
    disputes,
    draft_lines,
    events,
    invoice_lines,
    invoices,
    meters,
    payment_intents,
    payment_methods,
    payouts,
    previews,
    prices,
    products,
    quotes,
    refunds,
    reversals,
    schedules,
    setup_intents,
    subscription_parts,
    subscriptions,
    test_clocks,
)

OWN: Handlers = MappingProxyType(
    {name: handler for module in _MODULES for name, handler in module.HANDLERS.items()}
)


def carry_out(operation: Operation, world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """The object that is answered. Raises `Problem`; what is written is staged in the store."""
    check_references(world, operation, params)
    handler = OWN.get(f"{operation.method} {operation.path}")
    if handler is not None:
        answer = handler(world, params, ids)
        if operation.method != "GET":
            follow(world)
        return answer
    about = endpoint(operation.method, operation.path)
    return carry_out_generically(about, operation.path, world, params, ids)
