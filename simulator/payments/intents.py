"""Shared parts of payment intents and setup intents: parameters, states, next action."""

from __future__ import annotations

from stripe_flows.simulator.objects.shapes import shapes
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.problems import (
    Problem,
    doc_url,
    invalid_request,
    parameter_missing,
    resource_missing,
)
from stripe_flows.simulator.types import Fields

from . import payment_methods
from .cards import card_of
from .method_types import method_type
from .payment_methods import any_payment_method, check_unspent

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
"""States in which an intent can be changed and confirmed."""

SET_UP = "_set_up"
"""Shelf for payment methods that were authenticated for later use."""

TOKEN = "_confirmation_token"
"""Shelf for the payment methods of confirmation tokens."""

_OWN = ("payment_method", "amount_details", "allowed_payment_method_types")


def opened(world: World, resource: str, intent_id: str, verb: str) -> Fields:
    """Return the intent in the path. Raise `Problem` (400) if its state does not allow `verb`."""
    found = world.named_by_path(resource, intent_id, "intent")
    if found["status"] not in OPEN:
        raise unexpected_state(found, verb)
    return found


def set_parameters(world: World, intent: Fields, params: Fields) -> None:
    """Set the given parameters; a payment method is found, created, or that of a confirmation
    token.

    Raise `Problem` (400) for one that does not exist or does not fit.
    """
    if params.get("customer") is not None:
        world.referred("customer", params["customer"], "customer")
    world.apply(intent, {k: v for k, v in params.items() if k not in _OWN})
    types = params.get("allowed_payment_method_types")
    if types:
        intent |= {"payment_method_types": types, "automatic_payment_methods": None}
    if params.get("payment_method", "") is None:
        _take_away_method(intent)
    method = _given_method(world, params)
    if method is None:
        return
    check_unspent(world, method)
    if method.get("customer") not in (None, intent["customer"]):
        raise invalid_request(
            "The payment method belongs to another customer.", param="payment_method"
        )
    _check_type(intent, method)
    intent["payment_method"] = method["id"]
    if intent["status"] == "requires_payment_method":
        intent["status"] = "requires_confirmation"


def is_asked(world: World, intent: Fields, method: Fields, *, off_session: bool) -> bool:
    """Return whether the card's bank asks the customer to authenticate."""
    options = (intent["payment_method_options"] or {}).get("card") or {}
    match card_of(method).authentication:
        case "on_session":
            return not off_session
        case "until_set_up":
            return not off_session or world.store.get(SET_UP, method["id"]) is None
        case "optional":
            return options.get("request_three_d_secure") in ("any", "challenge")
        case needed:
            return needed == "always"


def ask(world: World, intent: Fields, params: Fields, action: Fields | None = None) -> Fields:
    """Set `requires_action` with the customer's next action."""
    action = action or _authentication(intent, params)
    intent |= {"status": "requires_action", "next_action": action}
    world.put(intent)
    world.emit(f"{intent['object']}.requires_action", intent)
    return intent


def action_of(intent: Fields, kind: str, params: Fields) -> Fields:
    """Return the `next_action` of a payment method that is not a card.

    Raise `Problem` (400) if the customer is redirected and `return_url` is missing.
    """
    wanted = method_type(kind)
    name = (wanted and wanted.action) or "redirect_to_url"
    url = f"https://hooks.stripe.com/redirect/{kind}?{intent['object']}={intent['id']}"
    if name == "redirect_to_url":
        if params.get("return_url") is None:
            raise parameter_missing("return_url")
        return {"type": name, name: {"return_url": params["return_url"], "url": url}}
    known = shapes()
    fields = known.bare(known.resources[intent["object"]]["next_action"])
    shape = fields["object"].get(name) if isinstance(fields, dict) else None
    details = {} if shape is None else known.filled(shape, name)
    for field in ("url", "hosted_instructions_url", "hosted_voucher_url"):
        if field in details:
            details[field] = url
    if "return_url" in details:
        details["return_url"] = params.get("return_url")
    return {"type": name, name: details}


def unexpected_state(intent: Fields, verb: str, reason: str = "") -> Problem:
    """Return the 400 for an action that the intent's state does not allow."""
    noun = "PaymentIntent" if intent["object"] == "payment_intent" else "SetupIntent"
    code = f"{intent['object']}_unexpected_state"
    because = reason or f"it has the status {intent['status']}"
    error: Fields = {
        "type": "invalid_request_error",
        "code": code,
        "doc_url": doc_url(code),
        "message": f"You cannot {verb} this {noun}, because {because}.",
        intent["object"]: intent,
    }
    return Problem(400, error, saved=True, should_retry=False)


def refused(intent: Fields, error: Fields) -> Problem:
    """Return the 402 of a declined attempt. The intent is stored with the error."""
    error = error | {intent["object"]: dict(intent)}
    return Problem(402, error, saved=True, effect=intent["id"], should_retry=False)


def _take_away_method(intent: Fields) -> None:
    intent |= {
        "payment_method": None,
        "next_action": None,
        "status": "requires_payment_method",
    }


def _given_method(world: World, params: Fields) -> Fields | None:
    if params.get("payment_method") is not None:
        return any_payment_method(world, params["payment_method"], "payment_method")
    data = params.get("payment_method_data")
    if data is not None:
        return payment_methods.create(world, data, ())
    token = params.get("confirmation_token")
    if token is None:
        return None
    kept = world.store.get(TOKEN, token)
    if kept is None:
        raise resource_missing("confirmation_token", token, param="confirmation_token")
    return any_payment_method(world, kept["payment_method"], "confirmation_token")


def _check_type(intent: Fields, method: Fields) -> None:
    """Raise `Problem` (400) for a type that the intent does not list.

    Without a list, all types are allowed.
    """
    kind = method.get("type", "card")
    types = intent["payment_method_types"]
    automatic = intent.get("automatic_payment_methods") or {}
    listed = intent["automatic_payment_methods"] is None or automatic.get("enabled") is False
    if listed and kind not in types and intent["object"] == "payment_intent":
        raise invalid_request(
            f"The PaymentMethod is a {kind}; this PaymentIntent accepts {', '.join(types)}.",
            code="payment_intent_incompatible_payment_method",
            param="payment_method",
        )


def _authentication(intent: Fields, params: Fields) -> Fields:
    if params.get("return_url") is None:
        return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
    url = f"https://hooks.stripe.com/3d_secure_2/hosted?{intent['object']}={intent['id']}"
    redirect = {"return_url": params["return_url"], "url": url}
    return {"type": "redirect_to_url", "redirect_to_url": redirect}
