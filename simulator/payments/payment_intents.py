"""Payment intents, with the states of Stripe's "PaymentIntent lifecycle".

requires_payment_method → requires_confirmation → (requires_action) → (processing) → succeeded, or
requires_capture → succeeded. Each state but the last can become canceled. A decline leads back to
requires_payment_method.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.money import check_amount, read_currency
from stripe_flows.simulator.objects import timers
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import at_least, invalid_request
from stripe_flows.simulator.types import Fields

from .charges import settle
from .intent_checks import check_parameters, check_payment, check_types
from .intents import OPEN, opened, set_parameters, unexpected_state
from .microdeposits import verify
from .payment_attempts import answer, attempt, finish, method_of

_FROZEN_LATER = ("amount", "currency", "customer", "payment_method", "capture_method")


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    currency = read_currency(params)
    check_amount(params["amount"], currency)
    made = world.new("payment_intent")
    check_parameters(params)
    set_parameters(world, made, params | {"currency": currency})
    check_payment(world, made)
    world.put(made)
    return attempt(world, made, params) if params.get("confirm") else made


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("payment_intent", ids[0], "intent")
    if found["status"] not in OPEN and any(name in params for name in _FROZEN_LATER):
        raise unexpected_state(found, "change")
    if "amount" in params:
        check_amount(params["amount"], found["currency"])
    if "currency" in params:
        params = params | {"currency": read_currency(params)}
    check_types(params)
    set_parameters(world, found, params)
    check_payment(world, found)
    return world.put(found)


def confirm(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = opened(world, "payment_intent", ids[0], "confirm")
    check_types(params)
    set_parameters(world, found, params)
    check_payment(world, found)
    return attempt(world, found, params)


def capture(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("payment_intent", ids[0], "intent")
    if found["status"] != "requires_capture":
        raise unexpected_state(found, "capture")
    limit: int = found["amount_capturable"]
    amount: int = params.get("amount_to_capture", limit)
    if amount < 1:
        raise at_least(1, "amount_to_capture")
    if amount > limit:
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
    if found["status"] not in (*OPEN, "requires_capture", "processing"):
        raise unexpected_state(found, "cancel")
    found |= {
        "status": "canceled",
        "canceled_at": int(world.now()),
        "cancellation_reason": params.get("cancellation_reason"),
        "amount_capturable": 0,
        "next_action": None,
    }
    timers.cancel(world, found["id"])
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


def verify_microdeposits(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("payment_intent", ids[0], "intent")
    if found["status"] != "requires_action":
        raise unexpected_state(found, "verify the microdeposits of")
    verify(world, method_of(world, found), params)
    return answer(world, found, success=True)


def authenticate(world: World, intent_id: str, *, success: bool) -> Fields:
    """End `requires_action`, as the customer does on the bank's page. Raise `Problem`."""
    found = world.named_by_path("payment_intent", intent_id, "intent")
    if found["status"] != "requires_action":
        raise unexpected_state(found, "authenticate")
    return answer(world, found, success=success)


def arrive(world: World, intent_id: str, *, success: bool | None) -> Fields:
    """End `processing`: the money has arrived, or was returned. Raise `Problem`."""
    found = world.named_by_path("payment_intent", intent_id, "intent")
    if found["status"] != "processing":
        raise unexpected_state(found, "settle")
    return finish(world, found, success=success)


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/payment_intents": create,
        "POST /v1/payment_intents/{intent}": update,
        "POST /v1/payment_intents/{intent}/confirm": confirm,
        "POST /v1/payment_intents/{intent}/capture": capture,
        "POST /v1/payment_intents/{intent}/cancel": cancel,
        "POST /v1/payment_intents/{intent}/increment_authorization": increment,
        "POST /v1/payment_intents/{intent}/verify_microdeposits": verify_microdeposits,
    }
)
