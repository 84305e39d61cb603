"""The items of a subscription: recurring price, quantity and current period."""

from __future__ import annotations

from stripe_flows.simulator.billing.pricing.coupons import Bought
from stripe_flows.simulator.billing.pricing.discounts import make_discounts
from stripe_flows.simulator.billing.pricing.prices import check_active, check_quantity, make_price
from stripe_flows.simulator.objects.ids import new_id
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.periods import period_end
from stripe_flows.simulator.problems import invalid_request, parameter_missing
from stripe_flows.simulator.types import Fields

from .checks import check_items


def make_items(world: World, made: Fields, given: list[Fields]) -> Fields:
    rows = [_item(world, made, row, f"items[{index}]") for index, row in enumerate(given)]
    check_items(rows)
    return {
        "object": "list",
        "data": rows,
        "has_more": False,
        "total_count": len(rows),
        "url": f"/v1/subscription_items?subscription={made['id']}",
    }


def _item(world: World, made: Fields, row: Fields, path: str, kept: Fields | None = None) -> Fields:
    """Return the item for a row of parameters. `kept`: the item that the row changes.

    An archived price can be kept, but not chosen.
    """
    item_id = kept["id"] if kept else new_id("si_", 14)
    if row.get("price_data") is not None:
        data = row["price_data"]
        product = world.referred("product", data["product"], f"{path}[price_data][product]")
        price = make_price(world, data, product["id"], f"{path}[price_data]")
    elif row.get("price") is not None:
        price = world.referred("price", row["price"], f"{path}[price]")
    else:
        raise parameter_missing(f"{path}[price]")
    if price["type"] != "recurring":
        raise invalid_request(
            "The price is a one-time price; a subscription needs a recurring price.",
            param=f"{path}[price]",
        )
    if kept is None or kept["price"]["id"] != price["id"]:
        check_active(world, price, f"{path}[price]")
    check_quantity(row, f"{path}[quantity]")
    start = world.time_of(made)
    end = made["trial_end"] or period_end(start, price["recurring"])
    if start < made["billing_cycle_anchor"] < end:
        end = made["billing_cycle_anchor"]
    world.store.put("_item_of", {"id": item_id, "subscription": made["id"]})
    item = world.new("subscription_item") | {"id": item_id}
    bought = Bought(currency=price["currency"])
    discounts = make_discounts(world, row.get("discounts") or [], item, made["customer"], bought)
    world.apply(item, {"tax_rates": row.get("tax_rates") or []})
    return item | {
        "billing_thresholds": None,
        "created": start,
        "current_period_end": end,
        "current_period_start": start,
        "discounts": discounts,
        "metadata": row.get("metadata") or {},
        "plan": _plan(price),
        "price": price,
        "quantity": row.get("quantity", 1),
        "subscription": made["id"],
    }


def change_items(world: World, found: Fields, given: list[Fields]) -> None:
    rows: list[Fields] = found["items"]["data"]
    for index, change in enumerate(given):
        path = f"items[{index}]"
        old = next((row for row in rows if row["id"] == change.get("id")), None)
        if change.get("id") is not None and old is None:
            raise invalid_request(
                f"No such subscription item: '{change['id']}'",
                code="resource_missing",
                param=f"{path}[id]",
            )
        if old is None:
            new = _item(world, found, change, path)
            beside = next((row for row in rows if _rhythm(row) == _rhythm(new)), None)
            if beside is not None:
                new |= {k: beside[k] for k in ("current_period_start", "current_period_end")}
            rows.append(new)
        elif change.get("deleted"):
            rows.remove(old)
        else:
            wanted = {"price": old["price"]["id"], "quantity": old["quantity"], **change}
            if change.get("price_data") is not None:
                del wanted["price"]
            wanted.setdefault("metadata", old["metadata"])
            new = _item(world, found, wanted, path, old)
            if _rhythm(new) == _rhythm(old):
                # A change of price or quantity does not begin a new period.
                kept = ("created", "current_period_start", "current_period_end")
                new |= {k: old[k] for k in kept}
            # Fields without a new value keep the old one.
            new |= {k: old[k] for k in ("discounts", "tax_rates") if k not in change}
            rows[rows.index(old)] = new
    check_items(rows)
    found["items"]["total_count"] = len(rows)


def _rhythm(item: Fields) -> tuple[str, int]:
    recurring = item["price"]["recurring"]
    return recurring["interval"], recurring["interval_count"]


def _plan(price: Fields) -> Fields:
    recurring = price["recurring"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": False,
        "metadata": {},
        "meter": recurring.get("meter"),
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": price["tiers_mode"],
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": recurring["usage_type"],
    }
