"""An attempt at a payment: it succeeds, asks for authentication, or is declined and kept as such.

What a test card does decides it (`cards`). Invoices and checkout sessions pay through here as well.
"""

from __future__ import annotations

from stripe_flows.local.simulator.cards import AUTHENTICATION_REQUIRED, Decline, card_of
from stripe_flows.local.simulator.payment_methods import any_payment_method
from stripe_flows.local.simulator.problems import Problem, doc_url
from stripe_flows.local.simulator.resources.charges import make_charge
from stripe_flows.local.simulator.resources.payment_methods import attached
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import World

SET_UP = "_set_up"
"""Where the payment methods are noted that were authenticated for later."""


def attempt(world: World, intent: Fields, params: Fields, *, asks_later: bool = False) -> Fields:
    """Confirm: pay, ask for authentication, or raise `Problem` (402) for a decline.

    `asks_later`: the customer can be asked later on, as for an invoice.
    """
    if intent["payment_method"] is None:
        raise unexpected_state(intent, "confirm", "it has no payment method")
    method = method_of(world, intent)
    card = card_of(method)
    intent |= {"last_payment_error": None, "next_action": None}
    off_session = bool(params.get("off_session"))
    match card.authentication:
        case "on_session":
            asks = not off_session
        case "until_set_up":
            asks = not off_session or world.store.get(SET_UP, method["id"]) is None
        case needed:
            asks = needed == "always"
    if asks:
        if (off_session and not asks_later) or params.get("error_on_requires_action"):
            raise _declined(world, intent, method, AUTHENTICATION_REQUIRED)
        intent |= {"status": "requires_action", "next_action": next_action(intent, params)}
        world.put(intent)
        world.emit("payment_intent.requires_action", intent)
        return intent
    if card.decline is not None:
        raise _declined(world, intent, method, card.decline)
    return succeed(world, intent)


def succeed(world: World, intent: Fields) -> Fields:
    method = method_of(world, intent)
    by_hand = intent["capture_method"] == "manual"
    charge = make_charge(world, intent, method, capture=not by_hand)
    intent["latest_charge"] = charge["id"]
    if intent["setup_future_usage"] and intent["customer"] and method["object"] == "payment_method":
        attached(world, method, intent["customer"])
        world.store.put(SET_UP, {"id": method["id"]})
    if by_hand:
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        world.emit("payment_intent.amount_capturable_updated", intent)
    else:
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        world.emit("payment_intent.succeeded", intent)
    return world.put(intent)


def refuse(world: World, intent: Fields, method: Fields, decline: Decline) -> Fields:
    """A failed attempt is kept; the error, as the payment intent shows it."""
    charge = make_charge(world, intent, method, capture=False, decline=decline)
    error = {k: v for k, v in decline.error().items() if v}
    error |= {"charge": charge["id"], "payment_method": method}
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "latest_charge": charge["id"],
        "last_payment_error": error,
    }
    world.put(intent)
    world.emit("payment_intent.payment_failed", intent)
    return error


def _declined(world: World, intent: Fields, method: Fields, decline: Decline) -> Problem:
    """The 402; the payment intent is kept, and shows what went wrong."""
    error = refuse(world, intent, method, decline)
    return Problem(
        402,
        error | {"payment_intent": dict(intent)},
        saved=True,
        effect=intent["id"],
        should_retry=False,
    )


def unexpected_state(intent: Fields, verb: str, reason: str = "") -> Problem:
    code = "payment_intent_unexpected_state"
    because = reason or f"it has the status {intent['status']}"
    error: Fields = {
        "type": "invalid_request_error",
        "code": code,
        "doc_url": doc_url(code),
        "message": f"You cannot {verb} this PaymentIntent, because {because}.",
        "payment_intent": intent,
    }
    return Problem(400, error, saved=True, should_retry=False)


def next_action(intent: Fields, params: Fields) -> Fields:
    if params.get("return_url") is None:
        return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
    url = f"https://hooks.stripe.com/3d_secure_2/hosted?{intent['object']}={intent['id']}"
    redirect = {"return_url": params["return_url"], "url": url}
    return {"type": "redirect_to_url", "redirect_to_url": redirect}


def method_of(world: World, intent: Fields) -> Fields:
    return any_payment_method(world, intent["payment_method"], "payment_method")
