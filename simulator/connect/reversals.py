"""Reversals of transfers and application fees, alone or with the refund of a charge.

Source: Stripe's documents "Create destination charges" (issue refunds) and "Collect application
fees": a partial refund reverses a proportional amount.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.balance.transactions import record
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import at_least, invalid_request
from stripe_flows.simulator.types import Fields


def reverse_transfer(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("transfer", ids[0], "id")
    amount = _wanted(params, found["amount"] - found["amount_reversed"])
    return _reverse(world, found, amount, params)


def refund_fee(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("application_fee", ids[0], "id")
    amount = _wanted(params, found["amount"] - found["amount_refunded"])
    return _refund_fee(world, found, amount, params)


def _wanted(params: Fields, left: int) -> int:
    amount: int = params.get("amount", left)
    if amount < 1:
        raise at_least(1, "amount")
    if amount > left:
        raise invalid_request(f"At most {left} of this can be given back.", param="amount")
    return amount


def check_reversal(charge: Fields, params: Fields) -> None:
    """Raise `Problem` (400) if a refund asks to reverse a transfer or a fee that does not exist."""
    if params.get("reverse_transfer") and charge["transfer"] is None:
        raise invalid_request(
            f"The charge {charge['id']} has no transfer to reverse.", param="reverse_transfer"
        )
    if params.get("refund_application_fee") and charge["application_fee"] is None:
        raise invalid_request(
            f"The charge {charge['id']} has no application fee to refund.",
            param="refund_application_fee",
        )


def reverse_with(world: World, charge: Fields, refund: Fields, params: Fields) -> None:
    """Reverse transfer and fee in proportion to a refund, as its parameters ask.

    The charge includes the refund already.
    """
    if params.get("reverse_transfer"):
        transfer = world.referred("transfer", charge["transfer"], "reverse_transfer")
        amount = _share(charge, refund, transfer["amount"], transfer["amount_reversed"])
        if amount:
            made = _reverse(world, transfer, amount, {})
            made["source_refund"] = refund["id"]
            refund["transfer_reversal"] = made["id"]
    if params.get("refund_application_fee"):
        platform = world.platform or world
        fee = platform.referred("application_fee", charge["application_fee"], "charge")
        amount = _share(charge, refund, fee["amount"], fee["amount_refunded"])
        if amount:
            _refund_fee(platform, fee, amount, {})


def _share(charge: Fields, refund: Fields, whole: int, gone: int) -> int:
    """Return the part of a transfer or fee to reverse: proportional, and the rest with the last
    refund.
    """
    left = whole - gone
    if charge["refunded"]:
        return left
    taken: int = charge["amount_captured"]
    return min(left, (whole * int(refund["amount"]) + taken // 2) // taken)


def _reverse(world: World, transfer: Fields, amount: int, params: Fields) -> Fields:
    made = world.new("transfer_reversal")
    world.apply(made, params)
    made |= {"amount": amount, "currency": transfer["currency"], "transfer": transfer["id"]}
    made["balance_transaction"] = record(world, "transfer_refund", amount, made)["id"]
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    transfer["reversals"]["data"].insert(0, made)
    world.put(transfer)
    world.emit("transfer.reversed", transfer)
    return world.put(made)


def _refund_fee(world: World, fee: Fields, amount: int, params: Fields) -> Fields:
    made = world.new("fee_refund")
    world.apply(made, params)
    made |= {"amount": amount, "currency": fee["currency"], "fee": fee["id"]}
    fee["amount_refunded"] += amount
    fee["refunded"] = fee["amount_refunded"] == fee["amount"]
    world.put(fee)
    world.emit("application_fee.refunded", fee)
    return world.put(made)


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/application_fees/{id}/refunds": refund_fee,
        "POST /v1/transfers/{id}/reversals": reverse_transfer,
    }
)
