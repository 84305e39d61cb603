"""Quotes: draft → open → accepted, which creates the offered invoice or subscription."""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.billing.invoices import invoices, lines
from stripe_flows.simulator.billing.pricing.coupons import Bought
from stripe_flows.simulator.billing.pricing.discounts import offered_coupons
from stripe_flows.simulator.billing.subscriptions import subscriptions
from stripe_flows.simulator.billing.subscriptions.checks import DAYS_UNTIL_DUE
from stripe_flows.simulator.objects.listing import list_rows
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.periods import DAY
from stripe_flows.simulator.problems import invalid_request
from stripe_flows.simulator.types import Fields

from .line_items import add_up, as_items, offered

_OFFERED = "_quote_discounts"
"""Shelf for the discounts of quotes that are not accepted yet."""


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    made = world.new("quote")
    made["expires_at"] = made["created"] + 30 * DAY
    return _applied(world, made, params)


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    return _applied(world, _in(world, ids[0], ("draft",), "updated"), params)


def finalize(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = _in(world, ids[0], ("draft",), "finalized")
    world.apply(found, params)
    found |= {"status": "open", "number": f"QT-{found['id'][-8:].upper()}-0001-1"}
    found["status_transitions"]["finalized_at"] = int(world.now())
    world.put(found)
    world.emit("quote.finalized", found)
    return found


def accept(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = _in(world, ids[0], ("open",), "accepted")
    rows = list(world.store.all(f"item@{ids[0]}"))
    discounts = (world.store.get(_OFFERED, ids[0]) or {}).get("discounts") or []
    regular = [row for row in rows if row["price"]["type"] == "recurring"]
    given = {"customer": found["customer"], "collection_method": found["collection_method"]}
    if regular:
        items = {"items": as_items(regular), "discounts": discounts}
        behaviour: Fields = {"payment_behavior": "default_incomplete"}
        if found["collection_method"] == "send_invoice":
            days = (found["invoice_settings"] or {}).get("days_until_due")
            behaviour["days_until_due"] = days or DAYS_UNTIL_DUE
        made = subscriptions.create(world, given | behaviour | items, ())
        found |= {"subscription": made["id"], "invoice": made["latest_invoice"]}
    else:
        offer = {"currency": found["currency"], "discounts": discounts}
        draft = invoices.create(world, given | offer, ())
        for row in rows:
            item = {"invoice": draft["id"], "customer": found["customer"],
                    "pricing": {"price": row["price"]["id"]}, "quantity": row["quantity"],
                    "tax_rates": [tax["rate"]["id"] for tax in row["taxes"] or []]}  # fmt: skip
            lines.create_item(world, item, ())
        found["invoice"] = draft["id"]
    found["status"] = "accepted"
    found["status_transitions"]["accepted_at"] = int(world.now())
    world.put(found)
    world.emit("quote.accepted", found)
    return found


def cancel(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = _in(world, ids[0], ("draft", "open"), "canceled")
    found["status"] = "canceled"
    found["status_transitions"]["canceled_at"] = int(world.now())
    world.put(found)
    world.emit("quote.canceled", found)
    return found


def list_items(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    world.named_by_path("quote", ids[0], "quote")
    rows = list(world.store.all(f"item@{ids[0]}"))
    return list_rows(rows, f"/v1/quotes/{ids[0]}/line_items", params)


def _applied(world: World, quote: Fields, params: Fields) -> Fields:
    world.apply(quote, {k: v for k, v in params.items() if k not in ("line_items", "discounts")})
    if params.get("line_items"):
        for old in list(world.store.all(f"item@{quote['id']}")):
            world.store.remove(f"item@{quote['id']}", old["id"])
        rows = [offered(world, r, f"line_items[{n}]") for n, r in enumerate(params["line_items"])]
        subtotal, currency = sum(row["amount_subtotal"] for row in rows), rows[0]["currency"]
        given, now = params.get("discounts") or [], int(world.now())
        bought = Bought(subtotal, currency)
        offers = offered_coupons(world, given, quote["customer"], bought, now)
        whole, details = add_up(world, rows, params["line_items"], offers)
        for row in rows:
            world.put(row, under=quote["id"])
        world.store.put(_OFFERED, {"id": quote["id"], "discounts": given})
        quote |= {"amount_subtotal": subtotal, "amount_total": whole, "currency": currency}
        quote["total_details"] = details
    return world.put(quote)


def _in(world: World, quote_id: str, statuses: tuple[str, ...], verb: str) -> Fields:
    found = world.named_by_path("quote", quote_id, "quote")
    if found["status"] not in statuses:
        raise invalid_request(
            f"This quote cannot be {verb}, because its status is {found['status']}."
        )
    return found


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/quotes": create,
        "POST /v1/quotes/{quote}": update,
        "POST /v1/quotes/{quote}/accept": accept,
        "POST /v1/quotes/{quote}/cancel": cancel,
        "POST /v1/quotes/{quote}/finalize": finalize,
        "GET /v1/quotes/{quote}/line_items": list_items,
    }
)
