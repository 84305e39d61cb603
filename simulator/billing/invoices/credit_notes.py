"""Credit notes: they reduce an open invoice, or give money back for a paid one."""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.objects.listing import list_rows
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.payments.refunds import refund
from stripe_flows.simulator.problems import invalid_request, parameter_missing
from stripe_flows.simulator.types import Fields

from .customer_balances import adjust
from .payments import mark_paid, payments


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    invoice = world.referred("invoice", params["invoice"], "invoice")
    made = draft(world, params, invoice)
    amount = made["amount"]
    paid = invoice["status"] == "paid"
    if paid:
        made["refunds"] = _linked(world, params)
        _check_shares(made, params)
        invoice["post_payment_credit_notes_amount"] += amount
        _give_back(world, made, invoice, params)
    else:
        invoice["pre_payment_credit_notes_amount"] += amount
        invoice["amount_due"] -= amount
        invoice["amount_remaining"] = max(0, invoice["amount_remaining"] - amount)
    world.put(made)
    world.put(invoice)
    if not paid and invoice["amount_remaining"] == 0:
        mark_paid(world, invoice)
    return made


def preview(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    return draft(world, params, world.referred("invoice", params["invoice"], "invoice"))


def draft(world: World, params: Fields, invoice: Fields) -> Fields:
    """Return the credit note for these parameters, not stored. Raise `Problem` (400)."""
    if invoice["status"] not in ("open", "paid", "uncollectible"):
        raise invalid_request("A credit note needs a finalized invoice.", param="invoice")
    made = world.new("credit_note")
    world.apply(made, {k: v for k, v in params.items() if k not in ("lines", "refunds", "amount")})
    lines = [_line(world, row, invoice, n) for n, row in enumerate(params.get("lines") or [])]
    amount = params.get("amount") or sum(line["amount"] for line in lines)
    if not amount:
        raise parameter_missing("amount")
    limit = _limit(invoice)
    if amount > limit:
        raise invalid_request(f"At most {limit} of this invoice can be credited.", param="amount")
    paid = invoice["status"] == "paid"
    made |= {
        "amount": amount,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "invoice": invoice["id"],
        "number": f"{invoice['number']}-CN-{_place(world, invoice):02d}",
        "pdf": f"https://pay.stripe.com/credit_notes/{made['id']}/pdf",
        "post_payment_amount": amount if paid else 0,
        "pre_payment_amount": 0 if paid else amount,
        "subtotal": amount,
        "total": amount,
        "type": "post_payment" if paid else "pre_payment",
    }
    made["lines"] |= {"data": lines, "url": f"/v1/credit_notes/{made['id']}/lines"}
    return made


def list_lines(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("credit_note", ids[0], "credit_note")
    return list_rows(found["lines"]["data"], f"/v1/credit_notes/{ids[0]}/lines", params)


def void(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("credit_note", ids[0], "id")
    if found["status"] == "void" or found["type"] == "post_payment":
        raise invalid_request("Only a credit note of an open invoice can be voided.")
    invoice = world.referred("invoice", found["invoice"], "invoice")
    for name in ("amount_due", "amount_remaining"):
        invoice[name] += found["amount"]
    invoice["pre_payment_credit_notes_amount"] -= found["amount"]
    world.put(invoice)
    found |= {"status": "void", "voided_at": int(world.now())}
    world.put(found)
    world.emit("credit_note.voided", found)
    return found


def _give_back(world: World, note: Fields, invoice: Fields, params: Fields) -> None:
    wanted = params.get("refund_amount")
    credit = params.get("credit_amount")
    if wanted:
        for one in payments(world, invoice):
            intent = world.store.get("payment_intent", one["payment"]["payment_intent"]) or {}
            charge = world.store.get("charge", intent.get("latest_charge") or "")
            if charge is not None:
                made = refund(world, charge, wanted, {})
                note["refunds"].append(_shown_refund(made["id"], wanted))
    if credit:
        customer = world.referred("customer", invoice["customer"], "customer")
        currency = invoice["currency"]
        moved = adjust(world, customer, -credit, currency, "credit_note", credit_note=note["id"])
        note["customer_balance_transaction"] = moved["id"]


def _linked(world: World, params: Fields) -> list[Fields]:
    """Return earlier refunds that the credit note links: each in full, unless an amount is given."""
    rows = []
    for index, row in enumerate(params.get("refunds") or []):
        if row.get("refund") is not None:
            found = world.referred("refund", row["refund"], f"refunds[{index}][refund]")
            rows.append(_shown_refund(found["id"], row.get("amount_refunded", found["amount"])))
    return rows


def _shown_refund(refund_id: str, amount: int) -> Fields:
    return {
        "amount_refunded": amount,
        "payment_record_refund": None,
        "refund": refund_id,
        "type": "refund",
    }


def _check_shares(note: Fields, params: Fields) -> None:
    """Raise `Problem` (400) unless refund, credit and outside payment add up to what was paid."""
    ways = ("refund_amount", "credit_amount", "out_of_band_amount")
    whole = sum(params.get(name) or 0 for name in ways)
    whole += sum(row["amount_refunded"] for row in note["refunds"])
    if whole != note["post_payment_amount"]:
        raise invalid_request(
            f"The sum of refunds, credit_amount and out_of_band_amount ({whole}) must equal the "
            f"part of the credit note that was paid ({note['post_payment_amount']}).",
            param="amount",
        )


def _place(world: World, invoice: Fields) -> int:
    return len(world.all("credit_note", invoice=invoice["id"])) + 1


def _line(world: World, row: Fields, invoice: Fields, index: int) -> Fields:
    made = world.new("credit_note_line_item")
    amount = row.get("amount") or row.get("unit_amount", 0) * row.get("quantity", 1)
    if row.get("invoice_line_item") is not None:
        ids = {line["id"]: line for line in invoice["lines"]["data"]}
        line = ids.get(row["invoice_line_item"])
        if line is None:
            raise invalid_request(
                f"No such line item: '{row['invoice_line_item']}'",
                code="resource_missing",
                param=f"lines[{index}][invoice_line_item]",
            )
        if not amount:
            amount = line["amount"] * row.get("quantity", line["quantity"]) // line["quantity"]
        made["invoice_line_item"] = line["id"]
    world.apply(made, {k: v for k, v in row.items() if k in ("description", "quantity", "type")})
    return made | {"amount": amount}


def _credited(invoice: Fields) -> int:
    names = ("pre_payment_credit_notes_amount", "post_payment_credit_notes_amount")
    return sum(invoice[name] for name in names)


def _limit(invoice: Fields) -> int:
    if invoice["status"] == "paid":
        return int(invoice["total"] - _credited(invoice))
    return int(invoice["amount_remaining"])


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/credit_notes": create,
        "GET /v1/credit_notes/preview": preview,
        "GET /v1/credit_notes/{credit_note}/lines": list_lines,
        "POST /v1/credit_notes/{id}/void": void,
    }
)
