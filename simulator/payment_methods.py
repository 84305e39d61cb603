"""Payment methods: made from the name of a test card or a test bank account."""

from __future__ import annotations

from stripe_flows.simulator.bank_accounts import named_account, shown_account
from stripe_flows.simulator.card_numbers import Card
from stripe_flows.simulator.cards import fingerprint, named_card, numbered_card
from stripe_flows.simulator.problems import invalid_request, resource_missing
from stripe_flows.simulator.values import Fields
from stripe_flows.simulator.world import World

_BRANDS = {"amex": "American Express", "diners": "Diners Club", "jcb": "JCB"}
_EXPIRES = {"exp_month": 12, "exp_year": 2034}
_NUMBERS = "_card_number"
"""Where the numbers of tokens that were made wait for their use."""

_SPENT = "_spent"
"""Where the payment methods are noted that cannot be used again."""


def payment_method(world: World, name: str, param: str) -> Fields:
    """The stored payment method with this id, or a new one for a test card (`pm_card_visa`) or a
    test account (`pm_usBankAccount_success`).

    Raises `Problem` (400, resource_missing) for any other name.
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
    """A payment method was detached, or used: without a customer it is good for one payment."""
    if method["object"] == "payment_method" and method["customer"] is None:
        world.store.put(_SPENT, {"id": method["id"]})


def check_unspent(world: World, method: Fields) -> None:
    """Raises `Problem` (400) for a payment method that cannot be used again."""
    if world.store.get(_SPENT, method["id"]) is not None:
        raise invalid_request(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer "
            "attachment, or was detached from a Customer. It may not be used again. To use a "
            "PaymentMethod multiple times, you must attach it to a Customer first.",
            param="payment_method",
        )


def set_account(world: World, method: Fields, kind: str, number: str, **more: str | None) -> None:
    """Let a payment method be this bank account. Raises `Problem` (400)."""
    given = {name: value for name, value in more.items() if value is not None}
    shown = world.kind("payment_method").part(kind, given, world.store.get)
    if kind == "us_bank_account":
        shown |= {
            "account_holder_type": shown["account_holder_type"] or "individual",
            "account_type": shown["account_type"] or "checking",
            "networks": {"preferred": "ach", "supported": ["ach"]},
        }
    method |= {"type": kind, "card": None}
    method[kind] = shown | shown_account(kind, number, given.get("routing_number", "110000000"))


def any_payment_method(world: World, name: str, param: str) -> Fields:
    """The same, or the card or bank account that a customer has as a source."""
    for resource in ("card", "source", "bank_account"):
        found = world.store.get(resource, name)
        if found is not None:
            return found
    return payment_method(world, name, param)


def shown_card(card: Card) -> Fields:
    """A card as a payment method shows it."""
    return {
        "brand": card.brand,
        "checks": checks(card),
        "country": card.country,
        "display_brand": card.brand,
        **_EXPIRES,
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
    """What the checks of the card's code and address come to."""
    return {
        "address_line1_check": card.line1,
        "address_postal_code_check": card.zip,
        "cvc_check": card.cvc,
    }


def keep_number(world: World, token: str, card: Card) -> None:
    """Remember what number a token stands for."""
    world.store.put(_NUMBERS, {"id": token, "number": card.number})


def card_of_token(world: World, token: str, param: str) -> Card:
    """The card of a test token (`tok_visa`), or of one that was made. Raises `Problem` (400)."""
    kept = world.store.get(_NUMBERS, token)
    if kept is not None:
        return numbered_card(kept["number"])
    card = named_card(token) if token.startswith("tok_") else None
    if card is None:
        raise resource_missing("token", token, param=param)
    return card


def source_from_token(
    world: World, token: str, customer: str | None, *, keep: bool = True
) -> Fields:
    """The card of a token, as a source, of a customer. Raises `Problem` (400)."""
    card = card_of_token(world, token, "source")
    made = world.new("card") | card_fields(card) | {"customer": customer}
    return world.put(made) if keep else made


def card_fields(card: Card) -> Fields:
    """What a source and a token show of a card."""
    return {
        "address_line1_check": card.line1,
        "address_zip_check": card.zip,
        "brand": _BRANDS.get(card.brand, card.brand.capitalize()),
        "country": card.country,
        "cvc_check": card.cvc,
        **_EXPIRES,
        "fingerprint": fingerprint(card.number),
        "funding": card.funding,
        "last4": card.last4,
    }
