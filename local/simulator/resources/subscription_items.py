"""The items of a subscription: a recurring price each, with its quantity and its current period."""

from __future__ import annotations

from datetime import UTC, datetime

from stripe_flows.local.simulator.ids import new_id
from stripe_flows.local.simulator.problems import invalid_request, parameter_missing
from stripe_flows.local.simulator.resources.prices import make_price
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import World

DAY = 86_400
"""Seconds."""


def make_items(world: World, made: Fields, given: list[Fields]) -> Fields:
    rows = [_item(world, made, row, f"items[{index}]") for index, row in enumerate(given)]
    currencies = {row["price"]["currency"] for row in rows}
    if len(currencies) > 1:
        raise invalid_request("All prices of a subscription have the same currency.", param="items")
    return {
        "object": "list",
        "data": rows,
        "has_more": False,
        "total_count": len(rows),
        "url": f"/v1/subscription_items?subscription={made['id']}",
    }


def _item(world: World, made: Fields, row: Fields, path: str, key: str | None = None) -> Fields:
    key = key or new_id("si_", 14)
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
            "The price is a one-time price; a subscription takes recurring ones.",
            param=f"{path}[price]",
        )
    if not price["active"]:
        raise invalid_request("The price is inactive.", param=f"{path}[price]")
    start = world.time_of(made)
    end = made["trial_end"] or period_end(start, price["recurring"])
    world.store.put("_item_of", {"id": key, "subscription": made["id"]})
    return world.new("subscription_item") | {
        "id": key,
        "billing_thresholds": None,
        "created": start,
        "current_period_end": end,
        "current_period_start": start,
        "discounts": [],
        "metadata": row.get("metadata") or {},
        "plan": _plan(price),
        "price": price,
        "quantity": row.get("quantity", 1),
        "subscription": made["id"],
        "tax_rates": [],
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
            rows.append(_item(world, found, change, path))
        elif change.get("deleted"):
            rows.remove(old)
        else:
            wanted = {"price": old["price"]["id"], "quantity": old["quantity"], **change}
            if change.get("price_data") is not None:
                del wanted["price"]
            wanted.setdefault("metadata", old["metadata"])
            new = _item(world, found, wanted, path, old["id"])
            if _rhythm(new) == _rhythm(old):
                # The period goes on; a change of price or quantity does not begin a new one.
                new |= {
                    k: old[k] for k in ("created", "current_period_start", "current_period_end")
                }
            rows[rows.index(old)] = new
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


def period_end(start: int, recurring: Fields) -> int:
    count: int = recurring["interval_count"]
    match recurring["interval"]:
        case "day":
            return start + count * DAY
        case "week":
            return start + count * 7 * DAY
        case unit:
            months = count * (12 if unit == "year" else 1)
    begun = datetime.fromtimestamp(start, UTC)
    year, month = divmod(begun.month - 1 + months, 12)
    # The last day of the month where it has fewer days than the one it began in.
    for day in range(begun.day, 27, -1):
        try:
            moved = begun.replace(year=begun.year + year, month=month + 1, day=day)
        except ValueError:
            continue
        return int(moved.timestamp())
    return int(begun.replace(year=begun.year + year, month=month + 1).timestamp())
