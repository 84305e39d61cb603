"""Setup intents: a payment method prepared for later use (Stripe's "SetupIntent lifecycle")."""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.types import Fields

from .cards import card_of
from .declines import SETUP_FAILED, Decline
from .intent_checks import check_types
from .intents import (
    SET_UP,
    action_of,
    ask,
    is_asked,
    opened,
    refused,
    set_parameters,
    unexpected_state,
)
from .method_types import MICRODEPOSITS, method_type
from .microdeposits import is_verified, verify
from .payment_methods import payment_method


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    made = world.new("setup_intent")
    check_types(params)
    set_parameters(world, made, params)
    world.put(made)
    return _confirm(world, made, params) if params.get("confirm") else made


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = opened(world, "setup_intent", ids[0], "change")
    check_types(params)
    set_parameters(world, found, params)
    return world.put(found)


def confirm(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = opened(world, "setup_intent", ids[0], "confirm")
    set_parameters(world, found, params)
    return _confirm(world, found, params)


def cancel(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = opened(world, "setup_intent", ids[0], "cancel")
    found |= {
        "status": "canceled",
        "cancellation_reason": params.get("cancellation_reason"),
        "next_action": None,
    }
    world.put(found)
    world.emit("setup_intent.canceled", found)
    return found


def verify_microdeposits(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("setup_intent", ids[0], "intent")
    if found["status"] != "requires_action":
        raise unexpected_state(found, "verify the microdeposits of")
    verify(world, payment_method(world, found["payment_method"], "payment_method"), params)
    return _succeeded(world, found | {"next_action": None})


def authenticate(world: World, intent_id: str, *, success: bool) -> Fields:
    """End `requires_action`, as the customer does on the bank's page. Raise `Problem`."""
    found = world.named_by_path("setup_intent", intent_id, "intent")
    if found["status"] != "requires_action":
        raise unexpected_state(found, "authenticate")
    found["next_action"] = None
    if success:
        return _succeeded(world, found)
    _refuse(world, found, SETUP_FAILED)
    return found


def _confirm(world: World, intent: Fields, params: Fields) -> Fields:
    if intent["payment_method"] is None:
        raise unexpected_state(intent, "confirm", "it has no payment method")
    intent["last_setup_error"] = None
    method = payment_method(world, intent["payment_method"], "payment_method")
    way = method_type(method["type"])
    if way is not None:
        if way.action is not None:
            return ask(world, intent, params, action_of(intent, method["type"], params))
        if method["type"] == "us_bank_account" and not is_verified(world, method):
            return ask(world, intent, params, {"type": MICRODEPOSITS, MICRODEPOSITS: {}})
        return _succeeded(world, intent)
    if is_asked(world, intent, method, off_session=False):
        return ask(world, intent, params)
    card = card_of(method)
    if card.decline is not None and not card.attaches:
        raise refused(intent, _refuse(world, intent, card.decline))
    return _succeeded(world, intent)


def _succeeded(world: World, intent: Fields) -> Fields:
    method = payment_method(world, intent["payment_method"], "payment_method")
    if intent["customer"] is not None:
        method["customer"] = intent["customer"]
        world.put(method)
        world.emit("payment_method.attached", method)
    if intent["usage"] == "off_session":
        world.store.put(SET_UP, {"id": method["id"]})
    intent |= {"status": "succeeded", "latest_attempt": _attempt(world, intent, "succeeded", None)}
    world.put(intent)
    world.emit("setup_intent.succeeded", intent)
    return intent


def _refuse(world: World, intent: Fields, decline: Decline) -> Fields:
    method = payment_method(world, intent["payment_method"], "payment_method")
    error = decline.error() | {"payment_method": method}
    attempt = _attempt(world, intent, "failed", error)
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_setup_error": error,
        "latest_attempt": attempt,
    }
    world.put(intent)
    world.emit("setup_intent.setup_failed", intent)
    return error


def _attempt(world: World, intent: Fields, status: str, error: Fields | None) -> str:
    made = world.new("setup_attempt")
    kind = payment_method(world, intent["payment_method"], "payment_method")["type"]
    made |= {
        "customer": intent["customer"],
        "payment_method": intent["payment_method"],
        "payment_method_details": {"type": kind, kind: {}},
        "setup_error": error,
        "setup_intent": intent["id"],
        "status": status,
        "usage": intent["usage"],
    }
    intent_id: str = world.put(made)["id"]
    return intent_id


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/setup_intents": create,
        "POST /v1/setup_intents/{intent}": update,
        "POST /v1/setup_intents/{intent}/confirm": confirm,
        "POST /v1/setup_intents/{intent}/cancel": cancel,
        "POST /v1/setup_intents/{intent}/verify_microdeposits": verify_microdeposits,
    }
)
