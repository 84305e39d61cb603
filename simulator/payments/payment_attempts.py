"""One attempt at a payment: it succeeds, requires an action, is processing, or is declined.

The test card or test account decides. Invoices and checkout sessions pay through here as well.
"""

from __future__ import annotations

from stripe_flows.simulator.objects import timers
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.types import Fields

from . import cash_balance, charges
from .bank_accounts import account_known_by
from .cards import card_of
from .declines import AUTHENTICATION_FAILED, AUTHENTICATION_REQUIRED, Decline, failed_debit
from .disputes import open_dispute
from .intents import SET_UP, action_of, ask, is_asked, refused, unexpected_state
from .method_types import MICRODEPOSITS, method_type
from .microdeposits import is_verified
from .payment_methods import any_payment_method, attached, check_unspent, spend

TRANSFER = "display_bank_transfer_instructions"

_AUTHENTICATED = "_authenticated"
"""Shelf for authenticated payments that wait for the server's confirmation."""


def attempt(world: World, intent: Fields, params: Fields, *, asks_later: bool = False) -> Fields:
    """Confirm: pay, ask for an action, or raise `Problem` (402) for a decline.

    `asks_later`: the customer can be asked later on, as for an invoice.
    """
    if intent["payment_method"] is None:
        raise unexpected_state(intent, "confirm", "it has no payment method")
    method = method_of(world, intent)
    check_unspent(world, method)
    intent |= {"last_payment_error": None, "next_action": None}
    kind = method.get("type", "card")
    if method_type(kind) is not None and method["object"] == "payment_method":
        return _begin(world, intent, method, params)
    off_session = bool(params.get("off_session"))
    authenticated = _was_authenticated(world, intent, method)
    if not authenticated and is_asked(world, intent, method, off_session=off_session):
        if (off_session and not asks_later) or params.get("error_on_requires_action"):
            raise refused(intent, refuse(world, intent, method, AUTHENTICATION_REQUIRED))
        return ask(world, intent, params)
    decline = card_of(method).decline
    if decline is not None:
        raise refused(intent, refuse(world, intent, method, decline))
    return succeed(world, intent, authenticated=authenticated)


def answer(world: World, intent: Fields, *, success: bool) -> Fields:
    """End `requires_action`: the customer did what was asked for, or failed."""
    intent["next_action"] = None
    method = method_of(world, intent)
    way = method_type(method.get("type", "card"))
    if way is None and success and intent["confirmation_method"] == "manual":
        # With manual confirmation the server confirms once more.
        world.store.put(_AUTHENTICATED, {"id": intent["id"], "payment_method": method["id"]})
        intent["status"] = "requires_confirmation"
        return world.put(intent)
    if way is None:
        decline = card_of(method).decline if success else AUTHENTICATION_FAILED
    else:
        decline = None if success else failed_debit("payment_intent_payment_attempt_failed")
    if decline is not None:
        refuse(world, intent, method, decline)
        return intent
    if way is not None and way.delayed:
        return _process(world, intent, method)
    return succeed(world, intent, authenticated=way is None)


def finish(world: World, intent: Fields, *, success: bool | None = None) -> Fields:
    """Finish a processing payment. `success`: None applies the rule of the test account."""
    timers.cancel(world, intent["id"])
    method = method_of(world, intent)
    account = account_known_by(method.get(method["type"]) or {}, method["type"])
    failure = account.failure if success is None else None
    if success is False:
        failure = account.failure or "payment_intent_payment_attempt_failed"
    if failure is not None:
        refuse(world, intent, method, failed_debit(failure))
        return intent
    succeed(world, intent)
    if account.disputed:
        charge = world.referred("charge", intent["latest_charge"], "latest_charge")
        open_dispute(world, charge, "fraudulent")
        world.put(charge)
    return intent


def succeed(world: World, intent: Fields, *, authenticated: bool = False) -> Fields:
    method = method_of(world, intent)
    by_hand = intent["capture_method"] == "manual"
    charge = _pending(world, intent)
    if charge is None:
        charge = charges.make_charge(
            world, intent, method, capture=not by_hand, authenticated=authenticated
        )
    else:
        charges.complete(world, charge, intent)
    intent["latest_charge"] = charge["id"]
    if intent["setup_future_usage"] and intent["customer"] and method["object"] == "payment_method":
        attached(world, method, intent["customer"])
        if intent["setup_future_usage"] == "off_session":
            world.store.put(SET_UP, {"id": method["id"]})
    spend(world, method)
    if by_hand:
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        world.emit("payment_intent.amount_capturable_updated", intent)
    else:
        intent |= {"status": "succeeded", "amount_received": intent["amount"]}
        world.emit("payment_intent.succeeded", intent)
    return world.put(intent)


def refuse(world: World, intent: Fields, method: Fields, decline: Decline) -> Fields:
    """Store a failed attempt and return the error as the payment intent shows it.

    A failed authentication creates no charge, because no bank was asked for money.
    """
    error = decline.error() | {"payment_method": method}
    if decline is not AUTHENTICATION_FAILED:
        charge = _pending(world, intent)
        if charge is None:
            charge = charges.make_charge(world, intent, method, capture=False, decline=decline)
        else:
            charges.fail(world, charge, decline)
        error["charge"] = intent["latest_charge"] = charge["id"]
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_payment_error": error,
    }
    world.put(intent)
    world.emit("payment_intent.payment_failed", intent)
    return error


def method_of(world: World, intent: Fields) -> Fields:
    return any_payment_method(world, intent["payment_method"], "payment_method")


def _begin(world: World, intent: Fields, method: Fields, params: Fields) -> Fields:
    """Start a payment that is not by card."""
    kind: str = method["type"]
    way = method_type(kind)
    if way is not None and way.action is None:
        if kind == "us_bank_account" and not is_verified(world, method):
            typed = {
                "type": MICRODEPOSITS,
                MICRODEPOSITS: {
                    "arrival_date": int(world.now()),
                    "hosted_verification_url": f"https://payments.stripe.com/microdeposit/{kind}",
                    "microdeposit_type": "amounts",
                },
            }
            return ask(world, intent, params, typed)
        return _process(world, intent, method)
    action = action_of(intent, kind, params)
    if TRANSFER in action:
        owed = cash_balance.apply(world, intent, intent["amount"])
        if owed == 0:
            return succeed(world, intent)
        action[TRANSFER] |= {"amount_remaining": owed, "currency": intent["currency"]}
    return ask(world, intent, params, action)


def _process(world: World, intent: Fields, method: Fields) -> Fields:
    charge = charges.make_charge(world, intent, method, capture=True, pending=True)
    spend(world, method)
    intent |= {"status": "processing", "latest_charge": charge["id"], "next_action": None}
    account = account_known_by(method.get(method["type"]) or {}, method["type"])
    timers.start(world, intent["id"], account.after)
    world.put(intent)
    world.emit("payment_intent.processing", intent)
    return intent


def _was_authenticated(world: World, intent: Fields, method: Fields) -> bool:
    noted = world.store.get(_AUTHENTICATED, intent["id"])
    if noted is None:
        return False
    world.store.remove(_AUTHENTICATED, intent["id"])
    return bool(noted["payment_method"] == method["id"])


def _pending(world: World, intent: Fields) -> Fields | None:
    charge = world.store.get("charge", intent["latest_charge"] or "")
    return charge if charge is not None and charge["status"] == "pending" else None
