"""Payments of an invoice: its payment intent, the attempts at it, and their results.

Source: Stripe's documents "How invoicing works" and "Payment intents of invoices". An open invoice
has one payment intent, which its customer can confirm as well.
"""

from __future__ import annotations

from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.payments import payment_attempts
from stripe_flows.simulator.payments.customers import default_method
from stripe_flows.simulator.payments.payment_methods import any_payment_method
from stripe_flows.simulator.problems import Problem, doc_url
from stripe_flows.simulator.types import Fields

_HARD_DECLINES = frozenset(
    {
        "authentication_required", "highest_risk_level", "incorrect_number", "lost_card",
        "pickup_card", "revocation_of_all_authorizations", "revocation_of_authorization",
        "stolen_card", "transaction_not_allowed",
    }
)  # fmt: skip
"""Declines after which a payment is retried only with another card ("Automate payment retries")."""


IN_TRANSIT = "_invoice_in_transit"
"""Shelf for the ids of invoices whose debit is processing."""


def payer(world: World, invoice: Fields) -> str | None:
    """Return the default payment method for an invoice, None if there is none."""
    details = ((invoice["parent"] or {}).get("subscription_details")) or {}
    subscription = world.store.get("subscription", details.get("subscription") or "") or {}
    customer = world.store.get("customer", invoice["customer"]) or {}
    found: str | None = (
        invoice["default_payment_method"]
        or subscription.get("default_payment_method")
        or default_method(customer)
    )
    return found


def charge(
    world: World,
    invoice: Fields,
    method: str,
    *,
    off_session: bool = True,
    automatic: bool = False,
) -> Problem | None:
    """Try to pay an invoice once. Return the problem of a decline or a required authentication.

    A debit that is processing is not a problem. `automatic`: an attempt that nobody requested;
    after the first attempt only automatic ones are counted.
    """
    intent = payment(world, invoice)
    _count(invoice, automatic=automatic)
    intent["payment_method"] = any_payment_method(world, method, "payment_method")["id"]
    try:
        intent = payment_attempts.attempt(
            world, intent, {"off_session": off_session}, asks_later=True
        )
    except Problem as problem:
        world.put(invoice)
        world.emit("invoice.payment_failed", invoice)
        if automatic:
            set_delinquent(world, invoice, True)
        return _declined(problem, invoice)
    if intent["status"] == "succeeded":
        mark_paid(world, invoice)
        return None
    world.put(invoice)
    if intent["status"] == "processing":
        world.store.put(IN_TRANSIT, {"id": invoice["id"]})
        return None
    world.emit("invoice.payment_action_required", invoice)
    code = "invoice_payment_intent_requires_action"
    return Problem(
        402,
        {
            "type": "card_error",
            "code": "subscription_payment_intent_requires_action" if invoice["parent"] else code,
            "doc_url": doc_url(code),
            "message": "This payment requires additional user action before it can be completed.",
        },
        saved=True,
        effect=invoice["id"],
        should_retry=False,
    )


def fail_without_method(world: World, invoice: Fields) -> None:
    """Record an automatic attempt that fails for lack of a payment method."""
    _count(invoice, automatic=True)
    world.put(invoice)
    world.emit("invoice.payment_failed", invoice)
    set_delinquent(world, invoice, True)


def hard_declined(world: World, invoice: Fields, method: str) -> bool:
    """Return whether the last attempt used this method and its bank said not to try again."""
    error = payment(world, invoice)["last_payment_error"] or {}
    tried = (error.get("payment_method") or {}).get("id")
    return tried == method and error.get("decline_code") in _HARD_DECLINES


def set_delinquent(world: World, invoice: Fields, value: bool) -> None:
    """Set the customer's `delinquent` from the last payment of an invoice."""
    customer = world.store.get("customer", invoice["customer"]) or {}
    if customer.get("delinquent", value) != value:
        world.put(customer | {"delinquent": value})


def mark_paid(world: World, invoice: Fields) -> Fields:
    """Mark the invoice as paid, by whichever means."""
    now = world.time_of(invoice)
    out_of_band = bool(invoice["amount_paid_off_stripe"])
    invoice |= {
        "status": "paid",
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "attempted": True,
        "auto_advance": False,
        "next_payment_attempt": None,
    }
    invoice["status_transitions"]["paid_at"] = now
    for one in payments(world, invoice):
        status = "canceled" if out_of_band else "paid"
        one |= {"status": status, "amount_paid": None if out_of_band else invoice["amount_due"]}
        one["status_transitions"][f"{status}_at"] = now
        world.put(one)
        world.emit(f"invoice_payment.{status}", one)
    set_delinquent(world, invoice, False)
    world.put(invoice)
    world.emit("invoice.paid", invoice)
    world.emit("invoice.payment_succeeded", invoice)
    return invoice


def payments(world: World, invoice: Fields) -> list[Fields]:
    link = world.store.get("_invoice_payment", invoice["id"])
    found = world.store.get("invoice_payment", link["payment"]) if link else None
    return [] if found is None else [found]


def paid_with(world: World, invoice: Fields) -> str | None:
    """Return the payment method that paid an invoice."""
    for one in payments(world, invoice):
        intent = world.store.get("payment_intent", one["payment"]["payment_intent"]) or {}
        found: str | None = intent.get("payment_method")
        return found
    return None


def payment(world: World, invoice: Fields) -> Fields:
    """Return the payment intent of an open invoice; it is created when the invoice is finalized."""
    for one in payments(world, invoice):
        return world.referred("payment_intent", one["payment"]["payment_intent"], "payment_intent")
    intent = world.new("payment_intent")
    intent |= {
        "amount": invoice["amount_remaining"],
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "capture_method": "automatic",
        "description": "Subscription creation"
        if invoice["billing_reason"] == "subscription_create"
        else "Payment for Invoice",
        "setup_future_usage": "off_session" if invoice["parent"] else None,
    }
    world.put(intent)
    made = world.new("invoice_payment")
    made |= {
        "amount_requested": invoice["amount_remaining"],
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": True,
        "payment": {**made["payment"], "payment_intent": intent["id"], "type": "payment_intent"},
    }
    world.put(made)
    world.store.put("_invoice_payment", {"id": invoice["id"], "payment": made["id"]})
    world.store.put("_invoice_of", {"id": intent["id"], "invoice": invoice["id"]})
    invoice["confirmation_secret"] = {
        "client_secret": intent["client_secret"],
        "type": "payment_intent",
    }
    return intent


def _count(invoice: Fields, *, automatic: bool) -> None:
    if automatic or invoice["attempt_count"] == 0:
        invoice["attempt_count"] += 1
    invoice["attempted"] = True


def _declined(problem: Problem, invoice: Fields) -> Problem:
    return Problem(402, problem.error, saved=True, effect=invoice["id"], should_retry=False)
