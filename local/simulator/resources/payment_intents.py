"""Payment intents: the states a payment goes through, as Stripe's "PaymentIntent lifecycle" has them.

requires_payment_method → requires_confirmation → (requires_action) → succeeded, or requires_capture
→ succeeded; canceled from all but the last. A declined one is back at requires_payment_method.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.local.simulator.cards import Decline, card_of
from stripe_flows.local.simulator.money import check_amount, read_currency
from stripe_flows.local.simulator.payment_methods import any_payment_method
from stripe_flows.local.simulator.problems import invalid_request
from stripe_flows.local.simulator.resources.charges import settle
from stripe_flows.local.simulator.resources.payment_attempts import (
    attempt,
    method_of,
    refuse,
    succeed,
    unexpected_state,
)
from stripe_flows.local.simulator.resources.refunds import refund
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import Handlers, World

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_FROZEN_LATER = ("amount", "currency", "customer", "payment_method", "capture_method")


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    currency = read_currency(params)
    check_amount(params["amount"], currency)
    made = world.new("payment_intent")
    if "allowed_payment_method_types" in params:
        made["payment_method_types"] = params["allowed_payment_method_types"]
    _apply(world, made, params | {"currency": currency})
    world.put(made)
    return attempt(world, made, params) if params.get("confirm") else made


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("payment_intent", ids[0], "intent")
    if found["status"] not in _OPEN and any(name in params for name in _FROZEN_LATER):
        raise unexpected_state(found, "change")
    if "amount" in params:
        check_amount(params["amount"], found["currency"])
    if "currency" in params:
        params = params | {"currency": read_currency(params)}
    _apply(world, found, params)
    return world.put(found)


def confirm(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("payment_intent", ids[0], "intent")
    if found["status"] not in _OPEN:
        raise unexpected_state(found, "confirm")
    _apply(world, found, params)
    return attempt(world, found, params)


def capture(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("payment_intent", ids[0], "intent")
    if found["status"] != "requires_capture":
        raise unexpected_state(found, "capture")
    limit: int = found["amount_capturable"]
    amount: int = params.get("amount_to_capture", limit)
    if not 1 <= amount <= limit:
        raise invalid_request(
            f"At most {limit} can be captured of this PaymentIntent.",
            code="amount_too_large",
            param="amount_to_capture",
        )
    world.apply(
        found, {k: v for k, v in params.items() if k in ("metadata", "application_fee_amount")}
    )
    more = params.get("final_capture") is False and amount < limit
    left = limit - amount if more else 0
    found |= {
        "amount_capturable": left,
        "amount_received": found["amount_received"] + amount,
        "status": "requires_capture" if more else "succeeded",
    }
    charge = world.store.get("charge", found["latest_charge"] or "")
    if charge is not None:
        settle(world, charge, found, found["amount_received"])
        world.emit("charge.captured", charge)
    world.put(found)
    if not more:
        world.emit("payment_intent.succeeded", found)
    return found


def cancel(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("payment_intent", ids[0], "intent")
    if found["status"] not in (*_OPEN, "requires_capture", "processing"):
        raise unexpected_state(found, "cancel")
    found |= {
        "status": "canceled",
        "canceled_at": int(world.now()),
        "cancellation_reason": params.get("cancellation_reason"),
        "amount_capturable": 0,
        "next_action": None,
    }
    charge = world.store.get("charge", found["latest_charge"] or "")
    if charge is not None and charge["status"] == "succeeded" and not charge["captured"]:
        # What was held for the payment is let go.
        refund(world, charge, charge["amount"], {})
    world.put(found)
    world.emit("payment_intent.canceled", found)
    return found


def increment(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("payment_intent", ids[0], "intent")
    if found["status"] != "requires_capture":
        raise unexpected_state(found, "increment the authorization of")
    amount = params["amount"]
    if amount <= found["amount"]:
        raise invalid_request("The amount has to be more than it is now.", param="amount")
    world.apply(found, params)
    found |= {"amount": amount, "amount_capturable": amount}
    charge = world.store.get("charge", found["latest_charge"] or "")
    if charge is not None:
        world.put(charge | {"amount": amount})
    return world.put(found)


def authenticate(world: World, key: str, *, success: bool) -> Fields:
    """What the customer does at the bank's page: ends `requires_action`. Raises `Problem`."""
    found = world.named_by_path("payment_intent", key, "intent")
    if found["status"] != "requires_action":
        raise unexpected_state(found, "authenticate")
    found["next_action"] = None
    decline = card_of(method_of(world, found)).decline
    if not success:
        decline = Decline(
            "payment_intent_authentication_failure", "", "", "The authentication failed."
        )
    if decline is None:
        return succeed(world, found)
    refuse(world, found, method_of(world, found), decline)
    return found


def _apply(world: World, intent: Fields, params: Fields) -> None:
    """Set the parameters; a payment method is resolved, references have to be there."""
    if params.get("customer") is not None:
        world.referred("customer", params["customer"], "customer")
    settable = {k: v for k, v in params.items() if k not in ("payment_method", "amount_details")}
    world.apply(intent, settable)
    if params.get("payment_method") is not None:
        method = any_payment_method(world, params["payment_method"], "payment_method")
        if method.get("customer") not in (None, intent["customer"]):
            raise invalid_request(
                "The payment method belongs to another customer.", param="payment_method"
            )
        intent["payment_method"] = method["id"]
        if intent["status"] == "requires_payment_method":
            intent["status"] = "requires_confirmation"


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/payment_intents": create,
        "POST /v1/payment_intents/{intent}": update,
        "POST /v1/payment_intents/{intent}/confirm": confirm,
        "POST /v1/payment_intents/{intent}/capture": capture,
        "POST /v1/payment_intents/{intent}/cancel": cancel,
        "POST /v1/payment_intents/{intent}/increment_authorization": increment,
    }
)
