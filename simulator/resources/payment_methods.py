"""Payment methods: made, attached to a customer and detached; tokens and sources, the older way."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType

from stripe_flows.simulator.card_numbers import Card
from stripe_flows.simulator.cards import card_of, is_number, numbered_card
from stripe_flows.simulator.listing import list_rows
from stripe_flows.simulator.payment_methods import (
    card_fields,
    card_of_token,
    check_unspent,
    keep_number,
    payment_method,
    set_account,
    shown_card,
    source_from_token,
    spend,
)
from stripe_flows.simulator.problems import (
    Problem,
    doc_url,
    invalid_request,
    parameter_missing,
)
from stripe_flows.simulator.resources.microdeposits import demand
from stripe_flows.simulator.values import Fields
from stripe_flows.simulator.world import Handlers, World


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    if params.get("payment_method") is not None:
        # A connected account's copy of one of the platform's.
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
        made["card"] = shown_card(_card(world, given))
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
    """The payment method, now the customer's. Raises `Problem` for a card that declines (402) and
    for what was used already (400)."""
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


def create_token(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    made = world.new("token")
    world.apply(made, {k: v for k, v in params.items() if k not in ("card", "bank_account")})
    card = params.get("card")
    if card is not None:
        found = _card(world, card if isinstance(card, dict) else {"token": card})
        made["card"] = world.new("card") | card_fields(found)
        keep_number(world, made["id"], found)
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


def _card(world: World, given: Fields) -> Card:
    """The card that the parameters describe. Raises `Problem`: 402 for one that cannot be."""
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
        "POST /v1/payment_methods": create,
        "POST /v1/payment_methods/{payment_method}": update,
        "POST /v1/payment_methods/{payment_method}/attach": attach,
        "POST /v1/payment_methods/{payment_method}/detach": detach,
        "POST /v1/tokens": create_token,
    }
)
