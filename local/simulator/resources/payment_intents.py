"""Payment intents: the states a payment goes through, as Stripe's "PaymentIntent lifecycle" has them.

requires_payment_method → requires_confirmation → (requires_action) → succeeded, or requires_capture
→ succeeded; canceled from all but the last. A declined one is back at requires_payment_method.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.local.simulator.cards import AUTHENTICATION_REQUIRED, Decline, card_of
from stripe_flows.local.simulator.ids import new_id
from stripe_flows.local.simulator.money import check_amount, read_currency
from stripe_flows.local.simulator.payment_methods import payment_method
from stripe_flows.local.simulator.problems import Problem, doc_url, invalid_request
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import Handlers, World

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_FROZEN_LATER = ("amount", "currency", "customer", "payment_method", "capture_method")


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    currency = read_currency(params)
    check_amount(params["amount"], currency)
    made = world.new("payment_intent")
    made["client_secret"] = new_id(f"{made['id']}_secret_", 25)
    if "allowed_payment_method_types" in params:
        made["payment_method_types"] = params["allowed_payment_method_types"]
    _apply(world, made, params | {"currency": currency})
    if params.get("confirm"):
        return _confirm(world, made, params)
    return world.put(made)


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("payment_intent", ids[0], "intent")
    if found["status"] not in _OPEN and any(name in params for name in _FROZEN_LATER):
        raise _unexpected_state(found, "change")
    if "amount" in params:
        check_amount(params["amount"], found["currency"])
    if "currency" in params:
        params = params | {"currency": read_currency(params)}
    _apply(world, found, params)
    return world.put(found)


def confirm(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("payment_intent", ids[0], "intent")
    if found["status"] not in _OPEN:
        raise _unexpected_state(found, "confirm")
    _apply(world, found, params)
    return _confirm(world, found, params)


def capture(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("payment_intent", ids[0], "intent")
    if found["status"] != "requires_capture":
        raise _unexpected_state(found, "capture")
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
    found |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
    return world.put(found)


def cancel(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("payment_intent", ids[0], "intent")
    if found["status"] not in (*_OPEN, "requires_capture", "processing"):
        raise _unexpected_state(found, "cancel")
    found |= {
        "status": "canceled",
        "canceled_at": int(world.now()),
        "cancellation_reason": params.get("cancellation_reason"),
        "amount_capturable": 0,
        "next_action": None,
    }
    return world.put(found)


def authenticate(world: World, key: str, *, success: bool) -> Fields:
    """What the customer does at the bank's page: ends `requires_action`. Raises `Problem`."""
    found = world.named_by_path("payment_intent", key, "intent")
    if found["status"] != "requires_action":
        raise _unexpected_state(found, "authenticate")
    found["next_action"] = None
    decline = card_of(_method_of(world, found)).decline
    if not success:
        decline = Decline(
            "payment_intent_authentication_failure", "", "", "The authentication failed."
        )
    if decline is None:
        return world.put(_paid(found))
    found |= {"status": "requires_payment_method", "payment_method": None}
    found["last_payment_error"] = {k: v for k, v in decline.error().items() if v}
    return world.put(found)


def _apply(world: World, intent: Fields, params: Fields) -> None:
    """Set the parameters; a payment method is resolved, references have to be there."""
    if params.get("customer") is not None:
        world.referred("customer", params["customer"], "customer")
    settable = {k: v for k, v in params.items() if k not in ("payment_method", "amount_details")}
    world.apply(intent, settable)
    if params.get("payment_method") is not None:
        method = payment_method(world, params["payment_method"], "payment_method")
        if method["customer"] not in (None, intent["customer"]):
            raise invalid_request(
                "The payment method belongs to another customer.", param="payment_method"
            )
        intent["payment_method"] = method["id"]
        if intent["status"] == "requires_payment_method":
            intent["status"] = "requires_confirmation"


def _confirm(world: World, intent: Fields, params: Fields) -> Fields:
    if intent["payment_method"] is None:
        raise _unexpected_state(intent, "confirm", "it has no payment method")
    method = _method_of(world, intent)
    card = card_of(method)
    intent |= {"last_payment_error": None, "next_action": None}
    off_session = bool(params.get("off_session"))
    asks = card.authentication == "always" or (
        card.authentication == "on_session" and not off_session
    )
    if asks:
        if off_session or params.get("error_on_requires_action"):
            raise _declined(world, intent, method, AUTHENTICATION_REQUIRED)
        intent |= {"status": "requires_action", "next_action": _next_action(intent, params)}
        return world.put(intent)
    if card.decline is not None:
        raise _declined(world, intent, method, card.decline)
    return world.put(_paid(intent))


def _paid(intent: Fields) -> Fields:
    intent["latest_charge"] = new_id("ch_3", 23)
    if intent["capture_method"] == "manual":
        return intent | {"status": "requires_capture", "amount_capturable": intent["amount"]}
    return intent | {"status": "succeeded", "amount_received": intent["amount"]}


def _declined(world: World, intent: Fields, method: Fields, decline: Decline) -> Problem:
    """The 402; the payment intent is kept, and shows what went wrong."""
    charge = new_id("ch_3", 23)
    error = decline.error() | {"charge": charge, "payment_method": method}
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "latest_charge": charge,
        "last_payment_error": error,
    }
    world.put(intent)
    return Problem(
        402,
        error | {"payment_intent": dict(intent)},
        saved=True,
        effect=intent["id"],
        should_retry=False,
    )


def _unexpected_state(intent: Fields, verb: str, reason: str = "") -> Problem:
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


def _next_action(intent: Fields, params: Fields) -> Fields:
    if params.get("return_url") is None:
        return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
    url = f"https://hooks.stripe.com/3d_secure_2/hosted?payment_intent={intent['id']}"
    redirect = {"return_url": params["return_url"], "url": url}
    return {"type": "redirect_to_url", "redirect_to_url": redirect}


def _method_of(world: World, intent: Fields) -> Fields:
    return payment_method(world, intent["payment_method"], "payment_method")


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/payment_intents": create,
        "POST /v1/payment_intents/{intent}": update,
        "POST /v1/payment_intents/{intent}/confirm": confirm,
        "POST /v1/payment_intents/{intent}/capture": capture,
        "POST /v1/payment_intents/{intent}/cancel": cancel,
    }
)
