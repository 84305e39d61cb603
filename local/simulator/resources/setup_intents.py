"""Setup intents: a payment method made ready for later, as Stripe's "SetupIntent lifecycle" has it."""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.local.simulator.cards import Decline, card_of
from stripe_flows.local.simulator.payment_methods import payment_method
from stripe_flows.local.simulator.problems import Problem, doc_url
from stripe_flows.local.simulator.resources.payment_attempts import SET_UP, next_action
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import Handlers, World

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    made = world.new("setup_intent")
    if "allowed_payment_method_types" in params:
        made["payment_method_types"] = params["allowed_payment_method_types"]
    _apply(world, made, params)
    world.put(made)
    return _confirm(world, made, params) if params.get("confirm") else made


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("setup_intent", ids[0], "intent")
    _apply(world, found, params)
    return world.put(found)


def confirm(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("setup_intent", ids[0], "intent")
    if found["status"] not in _OPEN:
        raise _unexpected_state(found, "confirm")
    _apply(world, found, params)
    return _confirm(world, found, params)


def cancel(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("setup_intent", ids[0], "intent")
    if found["status"] not in _OPEN:
        raise _unexpected_state(found, "cancel")
    found |= {
        "status": "canceled",
        "cancellation_reason": params.get("cancellation_reason"),
        "next_action": None,
    }
    world.put(found)
    world.emit("setup_intent.canceled", found)
    return found


def authenticate(world: World, key: str, *, success: bool) -> Fields:
    """What the customer does at the bank's page: ends `requires_action`. Raises `Problem`."""
    found = world.named_by_path("setup_intent", key, "intent")
    if found["status"] != "requires_action":
        raise _unexpected_state(found, "authenticate")
    found["next_action"] = None
    if success:
        return _succeeded(world, found)
    failure = Decline(
        "setup_intent_authentication_failure", "", "", "The authentication of the card failed."
    )
    _refused(world, found, failure)
    return found


def _apply(world: World, intent: Fields, params: Fields) -> None:
    world.apply(intent, {k: v for k, v in params.items() if k != "payment_method"})
    if params.get("payment_method") is not None:
        method = payment_method(world, params["payment_method"], "payment_method")
        intent["payment_method"] = method["id"]
        if intent["status"] == "requires_payment_method":
            intent["status"] = "requires_confirmation"


def _confirm(world: World, intent: Fields, params: Fields) -> Fields:
    if intent["payment_method"] is None:
        raise _unexpected_state(intent, "confirm", "it has no payment method")
    intent["last_setup_error"] = None
    card = card_of(payment_method(world, intent["payment_method"], "payment_method"))
    if card.authentication is not None:
        intent |= {"status": "requires_action", "next_action": next_action(intent, params)}
        world.put(intent)
        world.emit("setup_intent.requires_action", intent)
        return intent
    if card.decline is not None and not card.attaches:
        error = _refused(world, intent, card.decline)
        raise Problem(
            402,
            error | {"setup_intent": dict(intent)},
            saved=True,
            effect=intent["id"],
            should_retry=False,
        )
    return _succeeded(world, intent)


def _succeeded(world: World, intent: Fields) -> Fields:
    method = payment_method(world, intent["payment_method"], "payment_method")
    if intent["customer"] is not None:
        method["customer"] = intent["customer"]
        world.put(method)
        world.emit("payment_method.attached", method)
    world.store.put(SET_UP, {"id": method["id"]})
    intent |= {"status": "succeeded", "latest_attempt": _attempt(world, intent, "succeeded", None)}
    world.put(intent)
    world.emit("setup_intent.succeeded", intent)
    return intent


def _refused(world: World, intent: Fields, decline: Decline) -> Fields:
    method = payment_method(world, intent["payment_method"], "payment_method")
    error = {k: v for k, v in decline.error().items() if v} | {"payment_method": method}
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
    made |= {
        "customer": intent["customer"],
        "payment_method": intent["payment_method"],
        "payment_method_details": {"type": "card", "card": {"three_d_secure": None}},
        "setup_error": error,
        "setup_intent": intent["id"],
        "status": status,
        "usage": intent["usage"],
    }
    key: str = world.put(made)["id"]
    return key


def _unexpected_state(intent: Fields, verb: str, reason: str = "") -> Problem:
    code = "setup_intent_unexpected_state"
    because = reason or f"it has the status {intent['status']}"
    error: Fields = {
        "type": "invalid_request_error",
        "code": code,
        "doc_url": doc_url(code),
        "message": f"You cannot {verb} this SetupIntent, because {because}.",
        "setup_intent": intent,
    }
    return Problem(400, error, saved=True, should_retry=False)


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/setup_intents": create,
        "POST /v1/setup_intents/{intent}": update,
        "POST /v1/setup_intents/{intent}/confirm": confirm,
        "POST /v1/setup_intents/{intent}/cancel": cancel,
    }
)
