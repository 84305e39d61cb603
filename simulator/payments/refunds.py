"""Refunds of a charge, in full or in part, until nothing is left."""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.balance.transactions import record
from stripe_flows.simulator.connect.reversals import check_reversal, reverse_with
from stripe_flows.simulator.objects import timers
from stripe_flows.simulator.objects.timers import SOON
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import at_least, invalid_request, parameter_missing
from stripe_flows.simulator.types import Fields

from .cards import Card, card_of


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    charge = _charge(world, params)
    left = _taken(charge) - charge["amount_refunded"]
    amount = params.get("amount", left)
    if charge["payment_intent"] and charge["status"] == "succeeded" and not charge["captured"]:
        raise invalid_request(
            f"The charge {charge['id']} was not captured, so there is nothing to refund. Cancel "
            "its PaymentIntent instead to release what is held.",
            param="payment_intent" if params.get("payment_intent") else "charge",
        )
    if charge["status"] != "succeeded":
        raise invalid_request(f"The charge {charge['id']} was not paid and cannot be refunded.")
    if charge["refunded"]:
        raise invalid_request(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    if charge["disputed"] and not _refundable(world, charge):
        raise invalid_request(
            f"The charge {charge['id']} is disputed and cannot be refunded.", code="charge_disputed"
        )
    if amount < 1:
        raise at_least(1, "amount")
    if amount > left:
        raise invalid_request(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).",
            param="amount",
        )
    check_reversal(charge, params)
    return refund(world, charge, amount, params)


def refund(world: World, charge: Fields, amount: int, params: Fields) -> Fields:
    """Refund an amount of a charge that has at least this amount left."""
    made = world.new("refund")
    world.apply(made, {k: v for k, v in params.items() if k != "amount"})
    made |= {
        "amount": amount,
        "charge": charge["id"],
        "currency": charge["currency"],
        "payment_intent": charge["payment_intent"],
        "destination_details": {
            "type": "card",
            "card": {
                "reference": None,
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
        },
    }
    if charge["captured"]:
        made["balance_transaction"] = record(world, "refund", -amount, made)["id"]
        _delay(world, made, card_of(charge["payment_method_details"] or {}))
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] >= _taken(charge)
    reverse_with(world, charge, made, params)
    world.put(made)
    world.put(charge)
    world.emit("charge.refunded", charge)
    return made


def finish(world: World, refund_id: str, *, success: bool | None) -> Fields:
    """Finish a pending refund. `success`: None applies the rule of the test card.

    Raise `Problem` if it is not pending.
    """
    found = world.named_by_path("refund", refund_id, "refund")
    charge = world.referred("charge", found["charge"], "charge")
    if found["status"] not in ("pending", "succeeded"):
        raise invalid_request(f"The refund {refund_id} is {found['status']} already.")
    timers.cancel(world, refund_id)
    if success is None:
        success = card_of(charge["payment_method_details"] or {}).refund != "fails"
    if success:
        found |= {"status": "succeeded", "pending_reason": None}
    else:
        _fail(world, found, charge)
        world.emit("refund.failed", found)
    world.put(found)
    world.emit("refund.updated", found)
    world.emit("charge.refund.updated", found)
    return found


def _delay(world: World, made: Fields, card: Card) -> None:
    """Return the seconds until a refund finishes, for cards that delay it (Stripe's "Testing",
    refunds).
    """
    if card.refund == "pending":
        made |= {"status": "pending", "pending_reason": "processing"}
    if card.refund is not None:
        timers.start(world, made["id"], SOON)


def _fail(world: World, refund: Fields, charge: Fields) -> None:
    back = record(world, "refund_failure", refund["amount"], refund)
    refund |= {
        "status": "failed",
        "failure_reason": "unknown",
        "failure_balance_transaction": back["id"],
        "pending_reason": None,
    }
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    world.put(charge)


def cancel(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("refund", ids[0], "refund")
    if found["status"] != "requires_action":
        raise invalid_request(
            f"Only a refund that requires action can be canceled; this one has {found['status']}."
        )
    found |= {"status": "canceled"}
    return world.put(found)


def _charge(world: World, params: Fields) -> Fields:
    if params.get("charge") is not None and params.get("payment_intent") is not None:
        raise invalid_request(
            "Only one of `charge` and `payment_intent` may be given.", param="payment_intent"
        )
    if params.get("charge") is not None:
        return world.referred("charge", params["charge"], "charge")
    if params.get("payment_intent") is None:
        raise parameter_missing("payment_intent")
    intent = world.referred("payment_intent", params["payment_intent"], "payment_intent")
    charge = world.store.get("charge", intent["latest_charge"] or "")
    if charge is None or charge["status"] != "succeeded":
        raise invalid_request(
            f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
        )
    return charge


def _taken(charge: Fields) -> int:
    """Return the refundable total: the captured amount, or the authorized one of an uncaptured
    charge.
    """
    amount: int = charge["amount_captured"] if charge["captured"] else charge["amount"]
    return amount


def _refundable(world: World, charge: Fields) -> bool:
    disputes = world.all("dispute", charge=charge["id"])
    return all(dispute["is_charge_refundable"] for dispute in disputes)


HANDLERS: Handlers = MappingProxyType(
    {"POST /v1/refunds": create, "POST /v1/refunds/{refund}/cancel": cancel}
)
