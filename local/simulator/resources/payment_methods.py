"""Payment methods: made, attached to a customer and detached; tokens and sources, the older way."""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.local.simulator.cards import card_of, numbered_card
from stripe_flows.local.simulator.listing import list_rows
from stripe_flows.local.simulator.payment_methods import (
    card_of_token,
    payment_method,
    shown_card,
    source_from_token,
)
from stripe_flows.local.simulator.problems import Problem, invalid_request
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import Handlers, World

_BRANDS = {"3": "amex", "4": "visa", "5": "mastercard", "2": "mastercard", "6": "discover"}


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    if params.get("payment_method") is not None:
        # A connected account's copy of one of the platform's.
        return world.put(payment_method(world, params["payment_method"], "payment_method"))
    kind = params.get("type")
    if kind is None:
        raise invalid_request(
            "Missing required param: type.", code="parameter_missing", param="type"
        )
    made = world.new("payment_method")
    known = {k: v for k, v in params.items() if k not in ("card", "customer")}
    world.apply(made, known)
    made["card"] = _card(world, params.get("card")) if kind == "card" else None
    if kind != "card" and kind in made and made[kind] is None:
        made[kind] = {}
    return world.put(made)


def attach(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = payment_method(world, ids[0], "payment_method")
    customer = params.get("customer")
    if customer is None:
        raise invalid_request(
            "Missing required param: customer.", code="parameter_missing", param="customer"
        )
    world.referred("customer", customer, "customer")
    if found["customer"] not in (None, customer):
        raise invalid_request(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    return attached(world, found, customer)


def attached(world: World, method: Fields, customer: str) -> Fields:
    """The payment method, now the customer's. Raises `Problem` (402) for a card that declines."""
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
    world.put(found)
    world.emit("payment_method.detached", found)
    return found


def create_token(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    made = world.new("token")
    world.apply(made, {k: v for k, v in params.items() if k not in ("card", "bank_account")})
    card = params.get("card")
    if card is not None:
        shown = _card(world, card if isinstance(card, dict) else {"token": card})
        made["card"] = world.new("card") | {
            "brand": shown["brand"],
            "funding": shown["funding"],
            "last4": shown["last4"],
        }
    made["type"] = next((n for n in ("card", "bank_account", "account", "person") if n in params),
                        "card")  # fmt: skip
    return world.put(made)


def create_source(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """A customer's source: the card of a token."""
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


def _card(world: World, given: Fields | None) -> Fields:
    if not given:
        raise invalid_request(
            "Missing required param: card.", code="parameter_missing", param="card"
        )
    if given.get("token") is not None:
        return shown_card(card_of_token(world, given["token"], "card[token]"))
    number = str(given.get("number", "")).replace(" ", "")
    if not number.isdecimal() or not 12 <= len(number) <= 19:
        raise Problem(
            402,
            {
                "type": "card_error",
                "code": "incorrect_number",
                "message": "Your card number is incorrect.",
                "param": "number",
            },
            saved=True,
            should_retry=False,
        )
    shown = shown_card(numbered_card(_BRANDS.get(number[0], "visa"), number[-4:]))
    return shown | {k: int(given[k]) for k in ("exp_month", "exp_year") if k in given}


HANDLERS: Handlers = MappingProxyType(
    {
        "GET /v1/customers/{customer}/sources": list_sources,
        "POST /v1/customers/{customer}/sources": create_source,
        "POST /v1/payment_methods": create,
        "POST /v1/payment_methods/{payment_method}/attach": attach,
        "POST /v1/payment_methods/{payment_method}/detach": detach,
        "POST /v1/tokens": create_token,
    }
)
