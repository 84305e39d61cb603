"""Checkout sessions: what a customer is asked to pay or to subscribe to, and the result.

A session completes when the customer has paid on Stripe's page. Here the control endpoint
`complete` does it, with the test card that it names.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.billing.pricing.coupons import Bought
from stripe_flows.simulator.billing.pricing.discounts import make_discounts, offered_coupons
from stripe_flows.simulator.billing.pricing.taxes import automatic_status
from stripe_flows.simulator.billing.subscriptions import subscriptions
from stripe_flows.simulator.objects.listing import list_rows
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.payments import payment_attempts, setup_intents
from stripe_flows.simulator.payments.customers import create as create_customer
from stripe_flows.simulator.payments.intents import refused
from stripe_flows.simulator.payments.payment_methods import attached, payment_method
from stripe_flows.simulator.periods import DAY
from stripe_flows.simulator.problems import invalid_request, parameter_missing
from stripe_flows.simulator.types import Fields

from .line_items import add_up, as_items, offered
from .session_checks import check_line, check_session, check_total

_SESSION_OF = "_session_of"
"""Shelf for the session of each pending payment."""

_OWN = ("line_items", "discounts", "expires_at")


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    mode = params.get("mode", "setup" if not params.get("line_items") else "payment")
    if mode != "setup" and not params.get("line_items"):
        raise parameter_missing("line_items")
    made = world.new("checkout.session")
    world.apply(made, {k: v for k, v in params.items() if k not in _OWN})
    embedded = made["ui_mode"] != "hosted_page"
    if not embedded and params.get("success_url") is None:
        raise parameter_missing("success_url")
    check_session(params, mode, made["created"])
    made |= {"mode": mode, "expires_at": params.get("expires_at", made["created"] + DAY)}
    if made["customer"] is None and made["customer_creation"] is None:
        made["customer_creation"] = "always" if mode == "subscription" else "if_required"
    made["url"] = None if embedded else f"https://checkout.stripe.com/c/pay/{made['id']}"
    made["client_secret"] = f"{made['id']}_secret_simulated" if embedded else None
    if mode == "setup":
        data = {"customer": made["customer"], **(params.get("setup_intent_data") or {})}
        made["setup_intent"] = setup_intents.create(world, data, ())["id"]
        made["payment_status"] = "no_payment_required"
        return world.put(made)
    rows = [offered(world, row, f"line_items[{n}]") for n, row in enumerate(params["line_items"])]
    for index, (row, asked) in enumerate(zip(rows, params["line_items"], strict=True)):
        check_line(asked, row["price"], f"line_items[{index}]")
    recurring = [row["price"]["type"] == "recurring" for row in rows]
    if mode == "payment" and any(recurring):
        raise invalid_request("A session in `payment` mode accepts one-time prices only.",
                              param="line_items")  # fmt: skip
    if mode == "subscription" and not any(recurring):
        raise invalid_request("A session in `subscription` mode needs at least one recurring price.",
                              param="line_items")  # fmt: skip
    for row in rows:
        world.put(row, under=made["id"])
    subtotal = sum(row["amount_subtotal"] for row in rows)
    given = params.get("discounts") or []
    bought = Bought(subtotal, rows[0]["currency"])
    offers = offered_coupons(world, given, made["customer"], bought, made["created"])
    whole, details = add_up(world, rows, params["line_items"], offers)
    if mode == "payment":
        check_total(whole, rows[0]["currency"])
    made |= {
        "amount_subtotal": subtotal,
        "amount_total": whole,
        "currency": rows[0]["currency"],
        "discounts": [{"coupon": None, "promotion_code": None, **row}
                      for row in given],
        "total_details": details,
    }  # fmt: skip
    if made["automatic_tax"]["enabled"]:
        customer = world.store.get("customer", made["customer"] or "")
        made["automatic_tax"]["status"] = automatic_status(customer)
    return world.put(made)


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("checkout.session", ids[0], "session")
    if found["status"] != "open":
        raise invalid_request("Only an open Checkout Session can be updated.")
    world.apply(found, {k: v for k, v in params.items() if k not in _OWN})
    return world.put(found)


def expire(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("checkout.session", ids[0], "session")
    if found["status"] != "open":
        raise invalid_request(
            f'Only Checkout Sessions with a status in ["open"] can be expired; this one has '
            f"{found['status']}."
        )
    found |= {"status": "expired", "url": None}
    if found["setup_intent"] is not None:
        setup_intents.cancel(world, {}, (found["setup_intent"],))
    world.put(found)
    world.emit("checkout.session.expired", found)
    return found


def list_items(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    world.named_by_path("checkout.session", ids[0], "session")
    rows = list(world.store.all(f"item@{ids[0]}"))
    return list_rows(rows, f"/v1/checkout/sessions/{ids[0]}/line_items", params)


def complete(world: World, session_id: str, *, card: str, email: str) -> Fields:
    """Complete a session, as the customer does on Stripe's page, with a test card.

    Raise `Problem` (402) if the card is declined; the session stays open.
    """
    found = world.named_by_path("checkout.session", session_id, "session")
    if found["status"] != "open":
        raise invalid_request(f"This session cannot be completed: it is {found['status']}.")
    email = found["customer_email"] or email
    if found["customer"] is None and _makes_customer(found):
        found["customer"] = create_customer(world, {"email": email}, ())["id"]
    method = payment_method(world, card, "payment_method")
    if found["customer"] is not None and found["mode"] == "subscription":
        method = attached(world, method, found["customer"])
    {"payment": _pay, "setup": _set_up, "subscription": _subscribe}[found["mode"]](
        world, found, method["id"]
    )
    details = world.object_type("checkout.session").part("customer_details", {"email": email},
                                                  world.store.get)  # fmt: skip
    found |= {"customer_details": details, "status": "complete", "url": None}
    world.put(found)
    world.emit("checkout.session.completed", found)
    return found


def _pay(world: World, session: Fields, method: str) -> None:
    bought = Bought(session["amount_subtotal"], session["currency"])
    make_discounts(world, session["discounts"] or [], session, session["customer"], bought)
    intent = world.new("payment_intent")
    data = world.store.get("_session_data", session["id"]) or {}
    world.apply(intent, data.get("payment_intent_data") or {})
    intent |= {
        "amount": session["amount_total"],
        "currency": session["currency"],
        "customer": session["customer"],
        "payment_method": method,
    }
    if session["amount_total"] == 0:
        session["payment_status"] = "no_payment_required"
        return
    world.put(intent)
    asked = {"return_url": "https://checkout.stripe.com"}
    intent = payment_attempts.attempt(world, intent, asked)
    if intent["status"] == "requires_action":
        # The customer is on Stripe's page and authenticates there.
        intent = payment_attempts.answer(world, intent, success=True)
    if intent["last_payment_error"] is not None:
        raise refused(intent, intent["last_payment_error"])
    paid = intent["status"] != "processing"
    if not paid:
        world.store.put(_SESSION_OF, {"id": intent["id"], "session": session["id"]})
    session |= {"payment_intent": intent["id"], "payment_status": "paid" if paid else "unpaid"}


def settle_by_payment(world: World, intent: Fields) -> None:
    """Mark a completed session as paid, after its debit has cleared."""
    _later(world, intent, {"payment_status": "paid"}, "async_payment_succeeded")


def fail_by_payment(world: World, intent: Fields) -> None:
    """Record the failed payment of a completed session, after its debit failed."""
    _later(world, intent, {}, "async_payment_failed")


def _later(world: World, intent: Fields, change: Fields, what: str) -> None:
    link = world.store.get(_SESSION_OF, intent["id"])
    session = world.store.get("checkout.session", link["session"]) if link else None
    if session is not None:
        world.store.remove(_SESSION_OF, intent["id"])
        world.put(session | change)
        world.emit(f"checkout.session.{what}", session)


def _set_up(world: World, session: Fields, method: str) -> None:
    key, given = session["setup_intent"], {"payment_method": method}
    if session["customer"] is not None:
        given["customer"] = session["customer"]
    intent = setup_intents.confirm(world, given, (key,))
    if intent["status"] == "requires_action":
        # The customer is on Stripe's page and authenticates there.
        setup_intents.authenticate(world, key, success=True)


def _makes_customer(session: Fields) -> bool:
    """Return whether a session creates a customer (`if_required`: for an invoice)."""
    invoiced = (session["invoice_creation"] or {}).get("enabled")
    return bool(session["customer_creation"] == "always" or invoiced)


def _subscribe(world: World, session: Fields, method: str) -> None:
    rows = list(world.store.all(f"item@{session['id']}"))
    regular = [row for row in rows if row["price"]["type"] == "recurring"]
    once = [row for row in rows if row["price"]["type"] != "recurring"]
    data = (world.store.get("_session_data", session["id"]) or {}).get("subscription_data") or {}
    made = subscriptions.create(
        world,
        {
            **data,
            "customer": session["customer"],
            "default_payment_method": method,
            "items": as_items(regular),
            "add_invoice_items": as_items(once),
            "discounts": session["discounts"] or [],
            "payment_behavior": "error_if_incomplete",
        },
        (),
    )
    invoice = world.store.get("invoice", made["latest_invoice"] or "") or {}
    session |= {
        "invoice": made["latest_invoice"],
        "payment_status": "paid" if invoice.get("amount_due") else "no_payment_required",
        "subscription": made["id"],
    }


def create_and_remember(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """Create a session, and keep the parameters for its payment or subscription."""
    made = create(world, params, ids)
    data = {k: params[k] for k in ("payment_intent_data", "subscription_data") if params.get(k)}
    if data:
        world.store.put("_session_data", {"id": made["id"], **data})
    return made


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/checkout/sessions": create_and_remember,
        "POST /v1/checkout/sessions/{session}": update,
        "POST /v1/checkout/sessions/{session}/expire": expire,
        "GET /v1/checkout/sessions/{session}/line_items": list_items,
    }
)
