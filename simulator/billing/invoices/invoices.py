"""Invoices: draft → open → paid, void or uncollectible.

Source: Stripe's document "Status transitions and finalization". Each open invoice has a payment
intent, which its customer can confirm as well.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.billing.pricing.coupons import Bought
from stripe_flows.simulator.billing.pricing.discounts import make_discounts
from stripe_flows.simulator.billing.pricing.taxes import check_location, set_rates
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.periods import DAY
from stripe_flows.simulator.problems import Problem, invalid_request
from stripe_flows.simulator.types import Fields

from .customer_balances import adjust
from .lines import new_line, take_items
from .payments import charge, mark_paid, payer, payment, payments, set_delinquent
from .pending_items import await_invoice, pending
from .totals import due_and_balance, total

_OWN = ("customer", "discounts", "lines", "subscription", "currency", "from_invoice")


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    if params.get("customer") is None:
        raise invalid_request(
            "Missing required param: customer.", code="parameter_missing", param="customer"
        )
    customer = world.referred("customer", params["customer"], "customer")
    made = new_invoice(world, customer, params)
    if params.get("pending_invoice_items_behavior") == "include":
        waiting = pending(world, customer["id"])
        take_items(world, made, [one for one in waiting if one["currency"] == made["currency"]])
    total(world, made)
    return world.put(made)


def new_invoice(world: World, customer: Fields, params: Fields) -> Fields:
    """Return an empty draft for a customer, not stored."""
    made = world.new("invoice")
    now = world.time_of(customer)
    made |= {
        "created": now,
        "currency": (params.get("currency") or customer["currency"] or "usd").lower(),
        "customer": customer["id"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_address": customer["address"],
        "customer_phone": customer["phone"],
        "customer_shipping": customer["shipping"],
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [],
        "period_start": now,
        "period_end": now,
        "starting_balance": customer["balance"],
        "test_clock": customer["test_clock"],
    }
    world.apply(made, {k: v for k, v in params.items() if k not in _OWN})
    if made["collection_method"] == "send_invoice" and made["due_date"] is None:
        made["due_date"] = now + params.get("days_until_due", 30) * DAY
    given = params.get("discounts")
    if given:
        bought = Bought(currency=made["currency"])
        made["discounts"] = make_discounts(world, given, made, customer["id"], bought)
    return made


def finalize(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("invoice", ids[0], "invoice")
    if found["status"] != "draft":
        raise wrong_status(found, "finalized")
    if params.get("auto_advance") is not None:
        found["auto_advance"] = params["auto_advance"]
    return finalized(world, found)


def finalized(world: World, invoice: Fields) -> Fields:
    """Open the invoice. An invoice with nothing due is paid at once."""
    customer = world.store.get("customer", invoice["customer"]) or {}
    check_location(customer, invoice["automatic_tax"])
    now = world.time_of(invoice)
    number = customer.get("next_invoice_sequence") or 1
    invoice["starting_balance"] = customer.get("balance", invoice["starting_balance"])
    due, balance = due_and_balance(invoice, invoice["total"])
    invoice |= {
        "number": f"{customer.get('invoice_prefix') or 'SIM'}-{number:04d}",
        "status": "open",
        "amount_due": due,
        "amount_remaining": due,
        "effective_at": now,
        "ending_balance": balance,
        "hosted_invoice_url": f"https://invoice.stripe.com/i/{invoice['id']}",
        "invoice_pdf": f"https://pay.stripe.com/invoice/{invoice['id']}/pdf",
    }
    invoice["status_transitions"]["finalized_at"] = now
    if customer:
        customer["next_invoice_sequence"] = number + 1
        moved = balance - invoice["starting_balance"]
        if moved:
            small = moved > 0 and balance > 0 and invoice["total"] > 0
            kind = "invoice_too_small" if small else "applied_to_invoice"
            adjust(world, customer, moved, invoice["currency"], kind, invoice=invoice["id"])
        world.put(customer)
    world.put(invoice)
    world.emit("invoice.finalized", invoice)
    if invoice["amount_due"] <= 0:
        return mark_paid(world, invoice)
    payment(world, invoice)
    return world.put(invoice)


def pay(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("invoice", ids[0], "invoice")
    if found["status"] == "draft":
        found = finalized(world, found)
        if found["status"] == "paid":
            return found
    if found["status"] == "paid":
        raise wrong_status(found, "paid", "Invoice is already paid")
    if found["status"] not in ("open", "uncollectible"):
        raise wrong_status(found, "paid")
    if params.get("paid_out_of_band"):
        found["amount_paid_off_stripe"] = found["amount_due"]
        return mark_paid(world, found)
    method = params.get("payment_method") or params.get("source")
    method = method or payer(world, found)
    if method is None:
        raise invalid_request(
            "There is no default_payment_method set on this Customer or Invoice. Please set a "
            "default payment method.",
            code="missing",
        )
    off_session = params.get("off_session", True)
    problem = charge(world, found, method, off_session=off_session)
    if problem is not None:
        raise problem
    return found


def void(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("invoice", ids[0], "invoice")
    if found["status"] not in ("open", "uncollectible"):
        raise wrong_status(found, "voided")
    return void_invoice(world, found)


def void_invoice(world: World, invoice: Fields) -> Fields:
    """Void the invoice and cancel its payment intent."""
    for one in payments(world, invoice):
        intent = world.store.get("payment_intent", one["payment"]["payment_intent"])
        if intent is not None:
            canceled = {
                "status": "canceled",
                "canceled_at": int(world.now()),
                "cancellation_reason": "void_invoice",
                "next_action": None,
            }
            world.put(intent | canceled)
            world.emit("payment_intent.canceled", intent)
        world.put(one | {"status": "canceled"})
    return _closed(world, invoice, "void", "voided")


def mark_uncollectible(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("invoice", ids[0], "invoice")
    if found["status"] != "open":
        raise wrong_status(found, "marked uncollectible")
    return give_up_invoice(world, found)


def give_up_invoice(world: World, invoice: Fields) -> Fields:
    """Mark the invoice uncollectible: it is owed, and no payment is expected."""
    set_delinquent(world, invoice, False)
    return _closed(world, invoice, "uncollectible", "marked_uncollectible")


def send(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("invoice", ids[0], "invoice")
    if found["collection_method"] != "send_invoice":
        raise invalid_request(
            "You can only manually send an invoice if its collection method is 'send_invoice'."
        )
    if found["status"] == "draft":
        found = finalized(world, found)
    world.put(found)
    world.emit("invoice.sent", found)
    return found


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("invoice", ids[0], "invoice")
    if found["status"] != "draft" and set(params) - {"metadata", "description", "auto_advance"}:
        raise wrong_status(found, "updated")
    world.apply(found, {k: v for k, v in params.items() if k not in _OWN})
    if "discounts" in params:
        given = params["discounts"] or []
        bought = Bought(found["subtotal"], found["currency"])
        found["discounts"] = make_discounts(world, given, found, found["customer"], bought)
    total(world, found)
    return world.put(found)


def delete(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("invoice", ids[0], "invoice")
    if found["status"] != "draft":
        raise wrong_status(found, "deleted", "You can only delete draft invoices")
    for item in world.all("invoiceitem", invoice=ids[0]):
        await_invoice(world, item | {"invoice": None})
    world.store.remove("invoice", ids[0])
    return {"id": ids[0], "object": "invoice", "deleted": True}


def _closed(world: World, invoice: Fields, status: str, name: str) -> Fields:
    invoice |= {"status": status, "auto_advance": False, "next_payment_attempt": None}
    invoice["status_transitions"][f"{name}_at"] = world.time_of(invoice)
    world.put(invoice)
    world.emit(f"invoice.{name}", invoice)
    return invoice


def wrong_status(invoice: Fields, verb: str, message: str | None = None) -> Problem:
    """Return the 400 for an action that this status of an invoice does not allow."""
    return invalid_request(
        message or f"This invoice cannot be {verb}: its status is {invoice['status']}.",
        code="invoice_not_editable" if verb == "updated" else None,
    )


def add_lines(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("invoice", ids[0], "invoice")
    if found["status"] != "draft":
        raise wrong_status(found, "updated")
    for row in params["lines"]:
        item = world.store.get("invoiceitem", row.get("invoice_item") or "")
        if item is not None:
            take_items(world, found, [item])
            continue
        line = new_line(world, found, row.get("amount", 0), row.get("description"))
        set_rates(world, line, row.get("tax_rates"))
        world.apply(line, {k: v for k, v in row.items() if k in ("metadata", "period", "quantity")})
    total(world, found)
    return world.put(found)


def remove_lines(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("invoice", ids[0], "invoice")
    if found["status"] != "draft":
        raise wrong_status(found, "updated")
    gone = {row["id"] for row in params["lines"]}
    found["lines"]["data"] = [row for row in found["lines"]["data"] if row["id"] not in gone]
    total(world, found)
    return world.put(found)


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/invoices": create,
        "POST /v1/invoices/{invoice}": update,
        "DELETE /v1/invoices/{invoice}": delete,
        "POST /v1/invoices/{invoice}/finalize": finalize,
        "POST /v1/invoices/{invoice}/mark_uncollectible": mark_uncollectible,
        "POST /v1/invoices/{invoice}/pay": pay,
        "POST /v1/invoices/{invoice}/send": send,
        "POST /v1/invoices/{invoice}/void": void,
        "POST /v1/invoices/{invoice}/add_lines": add_lines,
        "POST /v1/invoices/{invoice}/remove_lines": remove_lines,
    }
)
