"""Payouts: transfers from the balance to a bank, and their reversals.

Source: Stripe's document "Payouts". In the sandbox a payout is paid after a moment.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.money import check_amount, read_currency
from stripe_flows.simulator.objects import timers
from stripe_flows.simulator.objects.timers import SOON
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.periods import DAY
from stripe_flows.simulator.problems import invalid_request
from stripe_flows.simulator.types import Fields

from .transactions import record


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    currency = read_currency(params)
    check_amount(params["amount"], currency)
    made = world.new("payout")
    world.apply(made, params | {"currency": currency})
    made["arrival_date"] = made["created"] + (0 if made["method"] == "instant" else 2 * DAY)
    made["balance_transaction"] = record(world, "payout", -made["amount"], made)["id"]
    timers.start(world, made["id"], SOON)
    return world.put(made)


def cancel(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = _in(world, ids[0], "pending", "canceled")
    timers.cancel(world, ids[0])
    back = record(world, "payout_cancel", found["amount"], found)
    found |= {"status": "canceled", "failure_balance_transaction": back["id"]}
    world.put(found)
    world.emit("payout.canceled", found)
    return found


def reverse(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = _in(world, ids[0], "paid", "reversed")
    made = world.new("payout")
    world.apply(made, params)
    made |= {
        "amount": -found["amount"],
        "arrival_date": made["created"] + 2 * DAY,
        "currency": found["currency"],
        "original_payout": found["id"],
        "status": "pending",
    }
    made["balance_transaction"] = record(world, "payout", found["amount"], made)["id"]
    timers.start(world, made["id"], SOON)
    world.put(found | {"reversed_by": made["id"]})
    return world.put(made)


def finish(world: World, payout_id: str, *, success: bool | None) -> Fields:
    """Mark a payout as paid or failed. Raise `Problem` if it is not pending."""
    found = _in(world, payout_id, "pending", "settled")
    timers.cancel(world, payout_id)
    if success is not False:
        found["status"] = "paid"
    else:
        back = record(world, "payout_failure", found["amount"], found)
        found |= {
            "status": "failed",
            "failure_code": "account_closed",
            "failure_message": "The bank account has been closed.",
            "failure_balance_transaction": back["id"],
        }
    world.put(found)
    world.emit(f"payout.{found['status']}", found)
    return found


def _in(world: World, payout_id: str, status: str, verb: str) -> Fields:
    found = world.named_by_path("payout", payout_id, "payout")
    if found["status"] != status:
        raise invalid_request(f"This payout cannot be {verb}: its status is {found['status']}.")
    return found


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/payouts": create,
        "POST /v1/payouts/{payout}/cancel": cancel,
        "POST /v1/payouts/{payout}/reverse": reverse,
    }
)
