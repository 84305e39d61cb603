"""Card tokens and sources: the older way to store a card."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType

from stripe_flows.simulator.objects.listing import list_rows
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import (
    Problem,
    doc_url,
    parameter_missing,
    resource_missing,
)
from stripe_flows.simulator.types import Fields

from .cards import EXPIRY, Card, fingerprint, is_number, named_card, numbered_card

_BRANDS = {"amex": "American Express", "diners": "Diners Club", "jcb": "JCB"}
_NUMBERS = "_card_number"
"""Shelf for the card numbers of created tokens."""


def create_token(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    made = world.new("token")
    world.apply(made, {k: v for k, v in params.items() if k not in ("card", "bank_account")})
    card = params.get("card")
    if card is not None:
        found = card_from_parameters(world, card if isinstance(card, dict) else {"token": card})
        made["card"] = world.new("card") | card_fields(found)
        keep_number(world, made["id"], found)
    made["type"] = next((n for n in ("card", "bank_account", "account", "person") if n in params),
                        "card")  # fmt: skip
    return world.put(made)


def create_source(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """Create a customer's source from the card of a token."""
    customer = world.named_by_path("customer", ids[0], "customer")
    made = source_from_token(world, params["source"], ids[0])
    if customer["default_source"] is None:
        customer["default_source"] = made["id"]
        world.put(customer)
    return made


def list_sources(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    world.named_by_path("customer", ids[0], "customer")
    wanted = params.get("object")
    rows = [
        one
        for resource in ("card", "bank_account", "source")
        if wanted in (None, resource)
        for one in world.all(resource, customer=ids[0])
    ]
    return list_rows(rows, f"/v1/customers/{ids[0]}/sources", params)


def keep_number(world: World, token: str, card: Card) -> None:
    """Store the card number of a token."""
    world.store.put(_NUMBERS, {"id": token, "number": card.number})


def card_of_token(world: World, token: str, param: str) -> Card:
    """Return the card of a test token (`tok_visa`), or of a created one. Raise `Problem` (400)."""
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
    """Create a customer's source from a token. Raise `Problem` (400)."""
    card = card_of_token(world, token, "source")
    made = world.new("card") | card_fields(card) | {"customer": customer}
    return world.put(made) if keep else made


def card_fields(card: Card) -> Fields:
    """Return a card as a source and a token show it."""
    return {
        "address_line1_check": card.line1,
        "address_zip_check": card.zip,
        "brand": _BRANDS.get(card.brand, card.brand.capitalize()),
        "country": card.country,
        "cvc_check": card.cvc,
        **EXPIRY,
        "fingerprint": fingerprint(card.number),
        "funding": card.funding,
        "last4": card.last4,
    }


def card_from_parameters(world: World, given: Fields) -> Card:
    """Return the card for these parameters. Raise `Problem` (402) for an invalid one."""
    if not given:
        raise parameter_missing("card")
    if given.get("token") is not None:
        return card_of_token(world, given["token"], "card[token]")
    number = str(given.get("number", "")).replace(" ", "")
    if not is_number(number):
        raise _wrong("incorrect_number", "Your card number is incorrect.", "number")
    if not 1 <= int(given.get("exp_month", 12)) <= 12:
        raise _wrong("invalid_expiry_month", "The expiry month is invalid.", "exp_month")
    if "exp_year" in given and _year(int(given["exp_year"])) < _this_year(world):
        raise _wrong("invalid_expiry_year", "The expiry year is invalid.", "exp_year")
    cvc = given.get("cvc")
    if cvc is not None and not (str(cvc).isdecimal() and 3 <= len(str(cvc)) <= 4):
        raise _wrong("invalid_cvc", "The security code is invalid.", "cvc")
    return numbered_card(number)


def _year(given: int) -> int:
    return given + 2000 if given < 100 else given


def _this_year(world: World) -> int:
    return datetime.fromtimestamp(world.now(), UTC).year


def _wrong(code: str, message: str, param: str) -> Problem:
    error: Fields = {
        "type": "card_error",
        "code": code,
        "doc_url": doc_url(code),
        "message": message,
        "param": param,
    }
    return Problem(402, error, saved=True, should_retry=False)


HANDLERS: Handlers = MappingProxyType(
    {
        "GET /v1/customers/{customer}/sources": list_sources,
        "POST /v1/customers/{customer}/sources": create_source,
        "POST /v1/tokens": create_token,
    }
)
