"""Connected accounts and the money that goes to them: transfers, application fees, their reversal.

Source: Stripe's documents "Create destination charges", "Separate charges and transfers" and
"Collect application fees". What a connected account receives is a payment in its own objects.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.local.simulator.ids import new_id
from stripe_flows.local.simulator.money import read_currency
from stripe_flows.local.simulator.problems import at_least, invalid_request
from stripe_flows.local.simulator.resources.balance import record
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import Handlers, World


def share(world: World, charge: Fields, payment: Fields) -> None:
    """What others get of a charge: a destination its transfer, the platform its fee."""
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
        made["transfer_group"] = charge["transfer_group"] or f"group_{charge['payment_intent']}"
        charge |= {"transfer": made["id"], "transfer_data": {"amount": data.get("amount"),
                   "destination": data["destination"]}}  # fmt: skip


def create_account(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    made = world.new("account")
    world.apply(made, params)
    wanted = params.get("capabilities") or {}
    made["capabilities"] = {
        name: "active" for name, one in wanted.items() if (one or {}).get("requested")
    }
    made["type"] = params.get("type", "none" if params.get("controller") else "standard")
    made["external_accounts"]["url"] = f"/v1/accounts/{made['id']}/external_accounts"
    return world.put(made)


def own_account(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """The account whose key was sent, or the connected one that the request names."""
    key = world.account_id
    found = (world.platform or world).store.get("account", key)
    if found is None:
        found = world.new("account") | {"id": key}
        found["business_profile"]["name"] = "Simulator"
    return found


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


def reverse_transfer(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("transfer", ids[0], "id")
    left = found["amount"] - found["amount_reversed"]
    amount = params.get("amount", left)
    if not 1 <= amount <= left:
        raise invalid_request(f"At most {left} of this transfer can be reversed.", param="amount")
    made = world.new("transfer_reversal")
    world.apply(made, params)
    made |= {"amount": amount, "currency": found["currency"], "transfer": found["id"]}
    made["balance_transaction"] = record(world, "transfer_refund", amount, made)["id"]
    found["amount_reversed"] += amount
    found["reversed"] = found["amount_reversed"] == found["amount"]
    found["reversals"]["data"].insert(0, made)
    world.put(found)
    world.emit("transfer.reversed", found)
    return world.put(made)


def refund_fee(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("application_fee", ids[0], "id")
    left = found["amount"] - found["amount_refunded"]
    amount = params.get("amount", left)
    if not 1 <= amount <= left:
        raise invalid_request(f"At most {left} of this fee can be refunded.", param="amount")
    made = world.new("fee_refund")
    world.apply(made, params)
    made |= {"amount": amount, "currency": found["currency"], "fee": found["id"]}
    found["amount_refunded"] += amount
    found["refunded"] = found["amount_refunded"] == found["amount"]
    world.put(found)
    world.emit("application_fee.refunded", found)
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
    """The payment that a connected account sees; what it is told of has the same cause."""
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
    """On a direct charge the platform earns it; on a destination charge it keeps it back."""
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
        "GET /v1/account": own_account,
        "POST /v1/accounts": create_account,
        "POST /v1/application_fees/{id}/refunds": refund_fee,
        "POST /v1/transfers": create_transfer,
        "POST /v1/transfers/{id}/reversals": reverse_transfer,
    }
)
