"""The phases of a subscription schedule: their parameters, and the subscription in each."""

from __future__ import annotations

from typing import Any

from stripe_flows.simulator.billing.pricing.prices import make_price
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.periods import period_end
from stripe_flows.simulator.problems import invalid_request, parameter_missing
from stripe_flows.simulator.types import Fields

from .checks import DAYS_UNTIL_DUE

_HANDED_ON = ("collection_method", "default_payment_method", "description", "metadata")


def read_phases(world: World, given: list[Fields], begin: int) -> list[Fields]:
    """Return the phases for these parameters, in order from `begin` on (seconds since 1970).

    Raise `Problem` (400).
    """
    given = [_priced(world, row, f"phases[{n}]") for n, row in enumerate(given)]
    made: list[Fields] = world.object_type("subscription_schedule").part(
        "phases", given, world.store.get
    )
    for index, (phase, row) in enumerate(zip(made, given, strict=True)):
        phase["start_date"] = begin
        phase["end_date"] = begin = _end(world, row, begin, f"phases[{index}]")
        phase["proration_behavior"] = row.get("proration_behavior", "create_prorations")
        if phase["end_date"] <= phase["start_date"]:
            raise invalid_request(
                "A phase ends after it begins.", param=f"phases[{index}][end_date]"
            )
        price = world.referred("price", row["items"][0]["price"], f"phases[{index}][items]")
        phase["currency"] = price["currency"]
        for item, asked in zip(phase["items"], row["items"], strict=True):
            item |= {"plan": asked["price"], "quantity": asked.get("quantity", 1)}
        if row.get("trial"):
            phase["trial_end"] = phase["end_date"]
    return made


def present_phase(world: World, subscription: Fields) -> Fields:
    """Return the current period of a subscription as a phase, for a new schedule."""
    rows = subscription["items"]["data"]
    items = [{"price": r["price"]["id"], "quantity": r["quantity"]} for r in rows]
    last = rows[0]["current_period_end"]
    start = rows[0]["current_period_start"]
    return read_phases(world, [{"items": items, "end_date": last}], start)[0]


def bounds(phase: Fields) -> Fields:
    """Return the `current_phase` of a schedule."""
    return {name: phase[name] for name in ("start_date", "end_date")}


def as_subscription(schedule: Fields, phase: Fields) -> Fields:
    """Return the parameters for a subscription in this phase, without its items."""
    defaults = schedule["default_settings"]
    found = {name: phase[name] for name in _HANDED_ON if phase.get(name)}
    for name in ("collection_method", "default_payment_method", "description"):
        if name not in found and defaults.get(name):
            found[name] = defaults[name]
    days = ((phase["invoice_settings"] or {}).get("days_until_due")) or (
        defaults["invoice_settings"] or {}
    ).get("days_until_due")
    if found.get("collection_method") == "send_invoice":
        found["days_until_due"] = days or DAYS_UNTIL_DUE
    if phase["default_tax_rates"]:
        found["default_tax_rates"] = [rate["id"] for rate in phase["default_tax_rates"]]
    if phase["trial_end"]:
        found["trial_end"] = phase["trial_end"]
    found["discounts"] = [
        {name: value for name, value in row.items() if value} for row in phase["discounts"]
    ]
    return found


def items_of(phase: Fields) -> list[Fields]:
    """Return the items of a phase as parameters of a subscription."""
    return [
        {
            "price": row["price"],
            "quantity": row["quantity"] or 1,
            "tax_rates": [rate["id"] for rate in row["tax_rates"] or []],
        }
        for row in phase["items"]
    ]


def _priced(world: World, row: Fields, path: str) -> Fields:
    """Return the phase with a price in each item, created from `price_data` where needed."""
    items = []
    for index, item in enumerate(row.get("items") or []):
        place = f"{path}[items][{index}]"
        price_id = item.get("price") or item.get("plan")
        if item.get("price_data") is not None:
            data = item["price_data"]
            product = world.referred("product", data["product"], f"{place}[price_data][product]")
            price_id = make_price(world, data, product["id"], f"{place}[price_data]")["id"]
        if price_id is None:
            raise parameter_missing(f"{place}[price]")
        world.referred("price", price_id, f"{place}[price]")
        items.append({k: v for k, v in item.items() if k != "price_data"} | {"price": price_id})
    if not items:
        raise parameter_missing(f"{path}[items]")
    return row | {"items": items}


def _end(world: World, row: Fields, begin: int, path: str) -> int:
    last: Any = row.get("end_date")
    if isinstance(last, int):
        return last
    duration = row.get("duration")
    if duration is not None:
        return period_end(begin, {"interval_count": 1, **duration})
    price = world.referred("price", row["items"][0]["price"], f"{path}[items][0][price]")
    if price["recurring"] is None:
        raise invalid_request(
            "The price is a one-time price; a subscription needs a recurring price.",
            param=f"{path}[items][0][price]",
        )
    return period_end(begin, price["recurring"])
