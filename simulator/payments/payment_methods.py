"""Payment methods: created from test cards and test bank accounts, attached, detached."""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import (
    Problem,
    invalid_request,
    parameter_missing,
    resource_missing,
)
from stripe_flows.simulator.types import Fields

from .bank_accounts import named_account, shown_account
from .cards import EXPIRY, Card, card_of, fingerprint, named_card
from .microdeposits import demand
from .sources import card_from_parameters

_SPENT = "_spent"
"""Shelf for payment methods that cannot be used again."""


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    if params.get("payment_method") is not None:
        # The connected account gets a copy of a payment method of the platform.
        return world.put(payment_method(world, params["payment_method"], "payment_method"))
    kind = params.get("type")
    if kind is None:
        raise parameter_missing("type")
    made = world.new("payment_method")
    known = {k: v for k, v in params.items() if k not in ("card", "customer")}
    world.apply(made, known)
    made["card"] = None
    if kind == "card":
        given = params.get("card") or {}
        made["card"] = shown_card(card_from_parameters(world, given))
        made["card"] |= {k: int(given[k]) for k in ("exp_month", "exp_year") if k in given}
    elif kind in ("us_bank_account", "sepa_debit"):
        given = params.get(kind) or {}
        name = "iban" if kind == "sepa_debit" else "account_number"
        if given.get(name) is None and given.get("financial_connections_account") is None:
            raise parameter_missing(f"{kind}[{name}]")
        number = given.get(name) or "000123456789"
        set_account(world, made, kind, number, **{k: v for k, v in given.items() if k != name})
        if kind == "us_bank_account" and given.get(name) is not None:
            demand(world, made)
    elif kind in made and made[kind] is None:
        made[kind] = {}
    return world.put(made)


def attach(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = payment_method(world, ids[0], "payment_method")
    customer = params.get("customer")
    if customer is None:
        raise parameter_missing("customer")
    world.referred("customer", customer, "customer")
    if found["customer"] not in (None, customer):
        raise invalid_request(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    return attached(world, found, customer)


def attached(world: World, method: Fields, customer: str) -> Fields:
    """Attach a payment method to a customer and return it.

    Raise `Problem` for a card that declines (402) and for a method that was used already (400).
    """
    check_unspent(world, method)
    card = card_of(method)
    if method.get("card") is not None and card.decline is not None and not card.attaches:
        raise Problem(402, card.decline.error(), saved=True, should_retry=False)
    if method["customer"] != customer:
        method["customer"] = customer
        world.put(method)
        world.emit("payment_method.attached", method)
    return method


def detach(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("payment_method", ids[0], "payment_method")
    if found["customer"] is None:
        raise invalid_request(
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible.",
            code="payment_method_unexpected_state",
        )
    customer = world.store.get("customer", found["customer"])
    if customer is not None and not customer.get("deleted"):
        settings = customer["invoice_settings"]
        if settings["default_payment_method"] == found["id"]:
            settings["default_payment_method"] = None
            world.put(customer)
    found["customer"] = None
    spend(world, found)
    world.put(found)
    world.emit("payment_method.detached", found)
    return found


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("payment_method", ids[0], "payment_method")
    if found["customer"] is None:
        raise invalid_request(
            "You must save this PaymentMethod to a customer before you can update it.",
            code="payment_method_unexpected_state",
        )
    world.apply(found, params)
    return world.put(found)


def payment_method(world: World, name: str, param: str) -> Fields:
    """Return the stored payment method, or a new one for the name of a test card or test account.

    Names: `pm_card_visa`, `pm_usBankAccount_success`. Raise `Problem` (400, resource_missing) for
    any other.
    """
    stored = world.store.get("payment_method", name)
    if stored is not None:
        return stored
    card = named_card(name) if name.startswith("pm_") else None
    account = named_account(name)
    made = world.new("payment_method")
    if card is not None:
        made["card"] = shown_card(card)
    elif account is not None:
        set_account(world, made, account.kind, account.number)
    else:
        raise resource_missing("PaymentMethod", name, param=param)
    return world.put(made)


def spend(world: World, method: Fields) -> None:
    """Mark a payment method without a customer as used: it pays once, and not after it was
    detached.
    """
    if method["object"] == "payment_method" and method["customer"] is None:
        world.store.put(_SPENT, {"id": method["id"]})


def check_unspent(world: World, method: Fields) -> None:
    """Raise `Problem` (400) for a payment method that cannot be used again."""
    if world.store.get(_SPENT, method["id"]) is not None:
        raise invalid_request(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer "
            "attachment, or was detached from a Customer. It may not be used again. To use a "
            "PaymentMethod multiple times, you must attach it to a Customer first.",
            param="payment_method",
        )


def set_account(world: World, method: Fields, kind: str, number: str, **more: str | None) -> None:
    """Set the bank account of a payment method. Raise `Problem` (400)."""
    given = {name: value for name, value in more.items() if value is not None}
    shown = world.object_type("payment_method").part(kind, given, world.store.get)
    if kind == "us_bank_account":
        shown |= {
            "account_holder_type": shown["account_holder_type"] or "individual",
            "account_type": shown["account_type"] or "checking",
            "networks": {"preferred": "ach", "supported": ["ach"]},
        }
    method |= {"type": kind, "card": None}
    method[kind] = shown | shown_account(kind, number, given.get("routing_number", "110000000"))


def any_payment_method(world: World, name: str, param: str) -> Fields:
    """Return a payment method as `payment_method` does, or a customer's card or account source."""
    for resource in ("card", "source", "bank_account"):
        found = world.store.get(resource, name)
        if found is not None:
            return found
    return payment_method(world, name, param)


def shown_card(card: Card) -> Fields:
    """Return a card as a payment method shows it."""
    return {
        "brand": card.brand,
        "checks": checks(card),
        "country": card.country,
        "display_brand": card.brand,
        **EXPIRY,
        "fingerprint": fingerprint(card.number),
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.brand != "amex"},
        "wallet": None,
    }


def checks(card: Card) -> Fields:
    """Return the results of the card's code and address checks."""
    return {
        "address_line1_check": card.line1,
        "address_postal_code_check": card.zip,
        "cvc_check": card.cvc,
    }


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/payment_methods": create,
        "POST /v1/payment_methods/{payment_method}": update,
        "POST /v1/payment_methods/{payment_method}/attach": attach,
        "POST /v1/payment_methods/{payment_method}/detach": detach,
    }
)
