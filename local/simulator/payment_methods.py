"""Payment methods: made from a test card's name, since cards cannot be entered here."""

from __future__ import annotations

from stripe_flows.local.simulator.cards import named_card
from stripe_flows.local.simulator.ids import new_id
from stripe_flows.local.simulator.problems import resource_missing
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import World

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
    made["card"] = {
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
    return world.put(made)


def source_from_token(world: World, token: str, customer: str) -> Fields:
    """The card of a test token (`tok_visa`), as the source of a customer. Raises `Problem` (400)."""
    card = named_card(token) if token.startswith("tok_") else None
    if card is None:
        raise resource_missing("token", token, param="source")
    made: Fields = {
        "id": new_id("card_1", 23),
        "object": "card",
        "brand": card.brand,
        "country": card.country,
        "customer": customer,
        **_EXPIRES,
        "fingerprint": new_id("", 16),
        "funding": card.funding,
        "last4": card.last4,
        "metadata": {},
        "card": {"brand": card.brand, "last4": card.last4},
    }
    return world.put(made)
