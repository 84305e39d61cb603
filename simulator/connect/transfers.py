"""Transfers to connected accounts, and application fees for the platform.

Source: Stripe's documents "Create destination charges", "Separate charges and transfers" and
"Collect application fees". A connected account receives a transfer as a payment among its own
objects.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.balance.transactions import record
from stripe_flows.simulator.money import read_currency
from stripe_flows.simulator.objects.ids import new_id
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import at_least
from stripe_flows.simulator.types import Fields


def share(world: World, charge: Fields, payment: Fields) -> None:
    """Create the transfer to the destination of a charge, and the application fee."""
    fee: int | None = payment.get("application_fee_amount")
    data = payment.get("transfer_data") or {}
    if fee and (world.platform is not None or data.get("destination")):
        charge["application_fee"] = _application_fee(
            world, charge, fee, data.get("destination") or ""
        )
        charge["application_fee_amount"] = fee
    if data.get("destination"):
        amount = data.get("amount") or charge["amount_captured"]
        made = _transfer(world, data["destination"], amount, charge["currency"], charge["id"])
        group = charge["transfer_group"] or f"group_{charge['payment_intent'] or charge['id']}"
        made["transfer_group"] = charge["transfer_group"] = payment["transfer_group"] = group
        charge |= {"transfer": made["id"], "transfer_data": {"amount": data.get("amount"),
                   "destination": data["destination"]}}  # fmt: skip


def create_transfer(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    currency = read_currency(params)
    source = params.get("source_transaction")
    amount = params.get("amount")
    if source is not None:
        charge = world.referred("charge", source, "source_transaction")
        amount = charge["amount"] if amount is None else amount
    if amount is None or amount < 1:
        raise at_least(1, "amount")
    made = _transfer(world, params["destination"], amount, currency, source)
    world.apply(made, {k: v for k, v in params.items() if k not in ("amount", "currency")})
    return world.put(made)


def _transfer(
    world: World, destination: str, amount: int, currency: str, source: str | None
) -> Fields:
    made = world.new("transfer")
    made |= {
        "amount": amount,
        "currency": currency,
        "destination": destination,
        "destination_payment": new_id("py_1", 23),
        "source_transaction": source,
    }
    made["reversals"]["url"] = f"/v1/transfers/{made['id']}/reversals"
    if world.connected is not None and destination.startswith("acct_"):
        _receive(world.connected(destination), world, made)
    made["balance_transaction"] = record(world, "transfer", -amount, made)["id"]
    return world.put(made)


def _receive(theirs: World, ours: World, transfer: Fields) -> None:
    """Create the payment that the connected account sees, with the same cause for its events."""
    theirs.cause = ours.cause
    made = theirs.new("charge")
    made |= {
        "id": transfer["destination_payment"],
        "amount": transfer["amount"],
        "amount_captured": transfer["amount"],
        "currency": transfer["currency"],
        "source_transfer": transfer["id"],
    }
    made["balance_transaction"] = record(theirs, "payment", transfer["amount"], made)["id"]
    theirs.put(made)


def _application_fee(world: World, charge: Fields, amount: int, destination: str) -> str:
    """Create the application fee: earned on a direct charge, kept back on a destination charge."""
    platform = world.platform or world
    made = platform.new("application_fee")
    made |= {
        "account": world.account_id if world.platform else destination,
        "amount": amount,
        "charge": charge["id"],
        "currency": charge["currency"],
        "refunds": {"object": "list", "data": [], "has_more": False,
                    "url": f"/v1/application_fees/{made['id']}/refunds"},
    }  # fmt: skip
    made["balance_transaction"] = record(platform, "application_fee", amount, made)["id"]
    platform.put(made)
    key: str = made["id"]
    return key


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/transfers": create_transfer,
    }
)
