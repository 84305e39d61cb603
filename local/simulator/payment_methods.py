"""Payment methods: made from a test card's name, since cards cannot be entered here."""

from __future__ import annotations

from stripe_flows.local.simulator.cards import Card, named_card, numbered_card
from stripe_flows.local.simulator.ids import new_id
from stripe_flows.local.simulator.problems import resource_missing
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import World

_BRANDS = {"amex": "American Express", "diners": "Diners Club", "jcb": "JCB"}
_EXPIRES = {"exp_month": 12, "exp_year": 2034}


def payment_method(world: World, name: str, param: str) -> Fields:
    """The stored payment method with this id, or a new one for a test card (`pm_card_visa`).

    Raises `Problem` (400, resource_missing) for any other name.
    """
    stored = world.store.get("payment_method", name)
    if stored is not None:
        return stored
    card = named_card(name) if name.startswith("pm_") else None
    if card is None:
        raise resource_missing("PaymentMethod", name, param=param)
    made = world.new("payment_method")
    made["card"] = shown_card(card)
    return world.put(made)


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
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": card.country,
        "display_brand": card.brand,
        **_EXPIRES,
        "fingerprint": new_id("", 16),
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }


def card_of_token(world: World, token: str, param: str) -> Card:
    """The card of a test token (`tok_visa`), or of one that was made. Raises `Problem` (400)."""
    stored = world.store.get("token", token)
    if stored is not None and stored["card"] is not None:
        return numbered_card(stored["card"]["brand"], stored["card"]["last4"])
    card = named_card(token) if token.startswith("tok_") else None
    if card is None:
        raise resource_missing("token", token, param=param)
    return card


def source_from_token(
    world: World, token: str, customer: str | None, *, keep: bool = True
) -> Fields:
    """The card of a token, as a source, of a customer. Raises `Problem` (400)."""
    card = card_of_token(world, token, "source")
    made = world.new("card")
    made |= {
        "brand": _BRANDS.get(card.brand, card.brand.capitalize()),
        "country": card.country,
        "customer": customer,
        **_EXPIRES,
        "fingerprint": new_id("", 16),
        "funding": card.funding,
        "last4": card.last4,
        "card": {"brand": card.brand, "last4": card.last4},
    }
    return world.put(made) if keep else made
