"""Charges: one attempt at a payment each, with its change of the balance.

Payment intents and invoices create them. `POST /v1/charges` is the older way, which Stripe keeps.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.balance.transactions import record, stripe_fee
from stripe_flows.simulator.connect.transfers import share
from stripe_flows.simulator.money import check_amount, read_currency
from stripe_flows.simulator.objects.ids import new_id
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import Problem, at_least, invalid_request
from stripe_flows.simulator.types import Fields

from .cards import Card, card_of
from .declines import Decline
from .disputes import open_dispute, warn
from .payment_methods import any_payment_method, shown_card
from .sources import source_from_token

COPIED = (
    "customer", "description", "metadata", "on_behalf_of", "receipt_email", "shipping",
    "statement_descriptor", "statement_descriptor_suffix", "transfer_group",
    "application_fee_amount",
)  # fmt: skip
"""Fields that a charge copies from its payment."""

_RISK_SCORES = {"normal": 12, "elevated": 68, "highest": 92}


def make_charge(
    world: World,
    payment: Fields,
    method: Fields,
    *,
    capture: bool,
    decline: Decline | None = None,
    pending: bool = False,
    authenticated: bool = False,
) -> Fields:
    """Create the charge of a payment intent, or of the parameters of a charge, and record its
    event.

    `pending`: the money is on its way; `complete` or `fail` follows.
    """
    made = world.new("charge")
    if method.get("type", "card") != "card":
        made["id"] = new_id("py_3", 23)
    made |= {name: payment[name] for name in COPIED if payment.get(name) is not None}
    is_intent = payment.get("object") == "payment_intent"
    made |= {
        "amount": payment["amount"],
        "billing_details": method.get("billing_details") or made["billing_details"],
        "captured": capture and decline is None,
        "outcome": made["outcome"] | _risk(card_of(method)),
        "currency": payment["currency"],
        "payment_intent": payment["id"] if is_intent else None,
        "payment_method": method["id"],
        "payment_method_details": _details(method, authenticated=authenticated),
        "receipt_url": f"https://pay.stripe.com/receipts/{made['id']}",
    }
    if decline is not None:
        return fail(world, made, decline)
    if pending:
        world.put(made | {"paid": False, "status": "pending"})
        world.emit("charge.pending", made)
        return made
    world.put(made)
    world.emit("charge.succeeded", made)
    if capture:
        settle(world, made, payment)
    return made


def complete(world: World, charge: Fields, payment: Fields) -> None:
    """Complete a pending charge: its money has arrived."""
    charge |= {"paid": True, "status": "succeeded"}
    world.put(charge)
    world.emit("charge.succeeded", charge)
    settle(world, charge, payment)


def fail(world: World, charge: Fields, decline: Decline) -> Fields:
    """Fail a charge, at once or when the bank returns the money."""
    charge |= {
        "captured": False,
        "failure_code": decline.code,
        "failure_message": decline.message,
        "outcome": _refused(charge, decline),
        "paid": False,
        "status": "failed",
    }
    world.put(charge)
    world.emit("charge.failed", charge)
    return charge


def settle(world: World, charge: Fields, payment: Fields, amount: int | None = None) -> Fields:
    """Capture a charge: change the balance and pay the shares of others.

    `amount`: total captured so far, or all that was authorized. The rest is released without a
    refund.
    """
    taken = charge["amount"] if amount is None else amount
    card = _card(charge)
    new = taken - charge["amount_captured"]
    moved = record(
        world, "charge", new, charge, fee=stripe_fee(new), pending=not card.skips_pending
    )
    charge |= {"amount_captured": taken, "balance_transaction": moved["id"], "captured": True}
    share(world, charge, payment)
    for kind in card.disputes:
        open_dispute(world, charge, kind)
    if card.warned:
        warn(world, charge)
    return world.put(charge)


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    params = params | {"currency": read_currency({"currency": params.get("currency", "usd")})}
    amount: int = params.get("amount", 0)
    check_amount(amount, params["currency"])
    method = _source(world, params)
    card = card_of(method)
    payment = world.new("charge")
    world.apply(payment, params)
    payment["object"] = "charge_parameters"
    if card.decline is not None:
        made = make_charge(world, payment, method, capture=False, decline=card.decline)
        error = card.decline.error() | {"charge": made["id"]}
        raise Problem(402, error, saved=True, effect=made["id"], should_retry=False)
    made = make_charge(world, payment, method, capture=params.get("capture", True))
    return world.put(made)


def capture(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("charge", ids[0], "charge")
    intent = world.store.get("payment_intent", found["payment_intent"] or "")
    let_go = intent is not None and intent["status"] == "canceled"
    if found["captured"] or found["refunded"] or let_go:
        raise invalid_request(
            f"The charge {ids[0]} has already been captured or reversed.",
            code="charge_already_captured",
        )
    limit: int = found["amount"]
    amount: int = params.get("amount", limit)
    if amount < 1:
        raise at_least(1, "amount")
    if amount > limit:
        raise invalid_request(
            f"At most {limit} can be captured of this charge.",
            code="amount_too_large",
            param="amount",
        )
    settle(world, found, found | params, amount)
    world.emit("charge.captured", found)
    return found


def _source(world: World, params: Fields) -> Fields:
    source, customer = params.get("source"), params.get("customer")
    if customer is not None:
        owner = world.referred("customer", customer, "customer")
        source = source or owner["default_source"]
        if source is None:
            raise invalid_request(
                "Cannot charge a customer that has no active card", code="missing", param="card"
            )
    if source is None:
        raise invalid_request("Must provide source or customer.")
    if source.startswith("tok_"):
        return source_from_token(world, source, customer, keep=False)
    return any_payment_method(world, source, "source")


def _card(charge: Fields) -> Card:
    return card_of(charge["payment_method_details"] or {})


def _details(method: Fields, *, authenticated: bool) -> Fields:
    kind = method.get("type", "card")
    if kind != "card":
        return {"type": kind, kind: method.get(kind) or {}}
    card = method.get("card") or shown_card(card_of(method))
    secure = None
    if authenticated:
        secure = {
            "authentication_flow": "challenge",
            "electronic_commerce_indicator": "05",
            "exemption_indicator": None,
            "result": "authenticated",
            "result_reason": None,
            "version": "2.2.0",
        }
    return {
        "type": "card",
        "card": {"network": card.get("brand"), **card, "three_d_secure": secure},
    }


def _risk(card: Card) -> Fields:
    return {"risk_level": card.risk, "risk_score": _RISK_SCORES[card.risk]}


def _refused(charge: Fields, decline: Decline) -> Fields:
    refused: Fields = {
        "advice_code": decline.advice or None,
        "network_status": "declined_by_network",
        "reason": decline.decline_code or decline.code,
        "seller_message": "The bank did not return any further details with this decline.",
        "type": "issuer_declined",
    }
    if decline.blocked:
        refused |= {
            "network_status": "not_sent_to_network",
            "reason": "highest_risk_level",
            "seller_message": "Radar blocked this payment as too risky.",
            "type": "blocked",
        }
    outcome: Fields = charge["outcome"] | refused
    return outcome


HANDLERS: Handlers = MappingProxyType(
    {"POST /v1/charges": create, "POST /v1/charges/{charge}/capture": capture}
)
