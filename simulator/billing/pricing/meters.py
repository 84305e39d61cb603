"""Meters: usage events of a customer, summed for invoices and for summaries.

Source: Stripe's document "Usage-based billing". Events count at once; Stripe's own sums lag behind.
"""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType

from stripe_flows.simulator.objects.ids import new_id
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import invalid_request
from stripe_flows.simulator.types import Fields

_KEPT = "_meter_event"


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    name = params["event_name"]
    if any(one["event_name"] == name for one in world.all("billing.meter", status="active")):
        raise invalid_request(
            f"There is an active meter with the event name {name} already.", param="event_name"
        )
    made = world.new("billing.meter")
    world.apply(made, params)
    made["customer_mapping"] = {
        "type": "by_id",
        "event_payload_key": "stripe_customer_id",
        **(params.get("customer_mapping") or {}),
    }
    made["value_settings"] = {"event_payload_key": "value", **(params.get("value_settings") or {})}
    return world.put(made)


def record(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """Record a meter event. Raise `Problem` (400) for an identifier that exists, as Stripe does."""
    made = world.new("billing.meter_event")
    world.apply(made, params)
    made["identifier"] = params.get("identifier") or new_id("", 24)
    made["timestamp"] = params.get("timestamp") or int(world.now())
    if world.store.get(_KEPT, made["identifier"]) is not None:
        raise invalid_request(
            f"An event already exists with identifier {made['identifier']}.",
            code="duplicate_meter_event",
            param="identifier",
        )
    world.store.put(_KEPT, {"id": made["identifier"], **made})
    return made


def adjust(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    made = world.new("billing.meter_event_adjustment")
    world.apply(made, params)
    identifier = (params.get("cancel") or {}).get("identifier")
    if identifier is not None and world.store.get(_KEPT, identifier) is not None:
        world.store.remove(_KEPT, identifier)
        made["status"] = "complete"
    return made


def summaries(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    meter = world.named_by_path("billing.meter", ids[0], "id")
    value = usage(world, meter, params["customer"], params["start_time"], params["end_time"])
    made = world.new("billing.meter_event_summary")
    made |= {
        "aggregated_value": float(value),
        "end_time": params["end_time"],
        "meter": meter["id"],
        "start_time": params["start_time"],
    }
    rows = [made] if value else []
    url = f"/v1/billing/meters/{ids[0]}/event_summaries"
    return {"object": "list", "data": rows, "has_more": False, "url": url}


def usage(world: World, meter: Fields, customer: str, start: int, end: int) -> Decimal:
    """Return a customer's usage in a time span, by the meter's formula."""
    who = meter["customer_mapping"]["event_payload_key"]
    what = meter["value_settings"]["event_payload_key"]
    found = [
        one
        for one in world.store.all(_KEPT)
        if one["event_name"] == meter["event_name"]
        and one["payload"].get(who) == customer
        and start <= one["timestamp"] < end
    ]
    values = [Decimal(one["payload"].get(what) or 0) for one in found]
    match meter["default_aggregation"]["formula"]:
        case "count":
            return Decimal(len(values))
        case "last":
            return values[-1] if values else Decimal(0)
    return sum(values, Decimal(0))


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/billing/meters": create,
        "POST /v1/billing/meter_events": record,
        "POST /v1/billing/meter_event_adjustments": adjust,
        "GET /v1/billing/meters/{id}/event_summaries": summaries,
    }
)
