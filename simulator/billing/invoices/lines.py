"""Invoice lines, and the invoice items that become lines."""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.billing.pricing.discounts import make_discounts
from stripe_flows.simulator.billing.pricing.prices import (
    amount_of,
    check_active,
    check_quantity,
    make_price,
)
from stripe_flows.simulator.billing.pricing.taxes import set_rates
from stripe_flows.simulator.objects.listing import list_rows
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import invalid_request, parameter_missing, resource_missing
from stripe_flows.simulator.types import Fields

from .pending_items import await_invoice, credited_of
from .totals import total

_AMOUNTS = ("amount", "unit_amount_decimal", "pricing", "price_data")
"""Parameters of which one gives an item's amount."""


def create_item(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """Create a pending item, or a line of the draft that `invoice` names."""
    invoice = None
    if params.get("invoice") is not None:
        invoice = world.referred("invoice", params["invoice"], "invoice")
        _check_draft(invoice)
    customer_id: str = params.get("customer") or (invoice or {}).get("customer") or ""
    if not customer_id:
        raise parameter_missing("customer")
    customer = world.referred("customer", customer_id, "customer")
    if not any(params.get(name) is not None for name in _AMOUNTS):
        raise parameter_missing("amount")
    check_quantity(params, "quantity")
    made = world.new("invoiceitem")
    known = {k: v for k, v in params.items() if k not in ("pricing", "price_data", "discounts")}
    world.apply(made, known)
    now = world.time_of(customer)
    made |= {"customer": customer_id, "date": now, "quantity": params.get("quantity", 1)}
    if params.get("period") is None:
        made["period"] = {"start": now, "end": now}
    _set_price(world, made, params)
    made |= {"discountable": params.get("discountable", not made["amount"] < 0)}
    made["discounts"] = make_discounts(world, params.get("discounts") or [], made, customer_id)
    made["test_clock"] = customer["test_clock"]
    await_invoice(world, made)
    if invoice is not None:
        take_items(world, invoice, [made])
        total(world, invoice)
        world.put(invoice)
    return world.store.get("invoiceitem", made["id"]) or made


def update_item(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("invoiceitem", ids[0], "invoiceitem")
    invoice = world.store.get("invoice", found["invoice"] or "")
    if invoice is not None:
        _check_draft(invoice)
    check_quantity(params, "quantity")
    world.apply(found, {k: v for k, v in params.items() if k not in ("pricing", "discounts")})
    if "amount" in params or "quantity" in params or "pricing" in params:
        _set_price(world, found, {"quantity": found["quantity"], **params})
    world.put(found)
    if invoice is not None:
        _without(invoice, ids[0])
        take_items(world, invoice, [found])
        total(world, invoice)
        world.put(invoice)
    return found


def delete_item(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("invoiceitem", ids[0], "invoiceitem")
    invoice = world.store.get("invoice", found["invoice"] or "")
    if invoice is not None:
        _check_draft(invoice)
        _without(invoice, ids[0])
        total(world, invoice)
        world.put(invoice)
    world.store.remove("invoiceitem", ids[0])
    return {"id": ids[0], "object": "invoiceitem", "deleted": True}


def list_lines(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("invoice", ids[0], "invoice")
    return list_rows(found["lines"]["data"], f"/v1/invoices/{ids[0]}/lines", params)


def update_line(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("invoice", ids[0], "invoice")
    _check_draft(found)
    rows: list[Fields] = found["lines"]["data"]
    line = next((row for row in rows if row["id"] == ids[1]), None)
    if line is None:
        raise resource_missing("line item", ids[1], param="line_item_id", in_path=True)
    world.apply(line, {k: v for k, v in params.items() if k not in ("pricing", "discounts")})
    set_rates(world, line, params.get("tax_rates"))
    total(world, found)
    world.put(found)
    return line


def new_line(world: World, invoice: Fields, amount: int, description: str | None) -> Fields:
    """Add a line to the invoice and return it."""
    made = world.new("line_item")
    made |= {
        "amount": amount,
        "currency": invoice["currency"],
        "description": description,
        "discountable": amount >= 0,
        "invoice": invoice["id"],
        "subtotal": amount,
        "quantity": 1,
        "quantity_decimal": "1",
        "taxes": [],
        "discount_amounts": [],
        "pretax_credit_amounts": [],
    }
    invoice["lines"]["data"].append(made)
    return made


def take_items(world: World, invoice: Fields, items: list[Fields]) -> None:
    """Turn pending items into lines of an invoice, in order of creation."""
    for item in items:
        line = new_line(world, invoice, item["amount"], item["description"])
        of = (item["parent"] or {}).get("subscription_details") or {}
        line |= {
            "discountable": item["discountable"],
            "discounts": item["discounts"] or [],
            "metadata": item["metadata"],
            "period": item["period"],
            "pricing": item["pricing"],
            "quantity": item["quantity"],
            "quantity_decimal": str(item["quantity"]),
            "subscription": of.get("subscription"),
            "parent": {
                "type": "invoice_item_details",
                "subscription_item_details": None,
                "invoice_item_details": {
                    "invoice_item": item["id"],
                    "proration": item["proration"],
                    "proration_details": {"credited_items": credited_of(world, item)},
                    "subscription": of.get("subscription"),
                },
            },
        }
        set_rates(world, line, item["tax_rates"])
        world.put(item | {"invoice": invoice["id"]})


def pricing(price: Fields) -> Fields:
    """Return the `pricing` of a line or an item."""
    return {
        "type": "price_details",
        "price_details": {"price": price["id"], "product": price["product"]},
        "unit_amount_decimal": price["unit_amount_decimal"],
    }


def _set_price(world: World, item: Fields, params: Fields) -> None:
    named = (params.get("pricing") or {}).get("price")
    if params.get("price_data") is not None:
        data = params["price_data"]
        product = world.referred("product", data["product"], "price_data[product]")
        price = make_price(world, data, product["id"], "price_data")
    elif named is not None:
        price = world.referred("price", named, "pricing[price]")
        check_active(world, price, "pricing[price]")
        if price["type"] == "recurring":
            raise invalid_request(
                "The price is recurring; an invoice item needs a one-time price.",
                param="pricing[price]",
            )
    else:
        amount = params.get("amount")
        if amount is None and params.get("unit_amount_decimal") is not None:
            amount = round(float(params["unit_amount_decimal"]) * item["quantity"])
        item["amount"] = item["net_amount"] = item["amount"] if amount is None else amount
        return
    item |= {
        "amount": amount_of(price, item["quantity"]),
        "currency": price["currency"],
        "pricing": pricing(price),
    }
    if item["description"] is None:
        product = world.store.get("product", price["product"]) or {}
        item["description"] = product.get("name")
    item["net_amount"] = item["amount"]


def _check_draft(invoice: Fields) -> None:
    if invoice["status"] != "draft":
        raise invalid_request(
            "This invoice is finalized; its items can no longer be changed.",
            code="invoice_not_editable",
        )


def _without(invoice: Fields, item: str) -> None:
    def of(line: Fields) -> str | None:
        details = (line["parent"] or {}).get("invoice_item_details") or {}
        found: str | None = details.get("invoice_item")
        return found

    invoice["lines"]["data"] = [line for line in invoice["lines"]["data"] if of(line) != item]


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/invoiceitems": create_item,
        "POST /v1/invoiceitems/{invoiceitem}": update_item,
        "DELETE /v1/invoiceitems/{invoiceitem}": delete_item,
        "GET /v1/invoices/{invoice}/lines": list_lines,
        "POST /v1/invoices/{invoice}/lines/{line_item_id}": update_line,
    }
)
