"""Bank transfers that arrive, and pay the payments that wait for them.

Source: Stripe's document "Bank transfers": an arrival is used for the oldest waiting payment, which
succeeds when it is covered. In the sandbox a test helper sends the money.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.money import read_currency
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import at_least
from stripe_flows.simulator.types import Fields

from .cash_balance import apply, move
from .payment_attempts import TRANSFER, answer


def fund(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    world.named_by_path("customer", ids[0], "customer")
    currency = read_currency(params)
    if params["amount"] < 1:
        raise at_least(1, "amount")
    made = move(world, ids[0], currency, params["amount"], "funded")
    waiting = world.all(
        "payment_intent", customer=ids[0], currency=currency, status="requires_action"
    )
    for intent in waiting:
        details = intent["next_action"].get(TRANSFER)
        if details is None:
            continue
        before = details["amount_remaining"]
        details["amount_remaining"] = apply(world, intent, before)
        world.put(intent)
        if details["amount_remaining"] == 0:
            answer(world, intent, success=True)
        elif details["amount_remaining"] < before:
            world.emit("payment_intent.partially_funded", intent)
    return made


HANDLERS: Handlers = MappingProxyType(
    {"POST /v1/test_helpers/customers/{customer}/fund_cash_balance": fund}
)
