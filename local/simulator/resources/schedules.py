"""Subscription schedules: phases that a subscription goes through, one after the other."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from stripe_flows.local.simulator.problems import invalid_request, parameter_missing
from stripe_flows.local.simulator.resources import subscriptions
from stripe_flows.local.simulator.resources.periods import period_end
from stripe_flows.local.simulator.resources.subscription_endings import end
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import Handlers, World


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    made = world.new("subscription_schedule")
    world.apply(made, {k: v for k, v in params.items() if k not in ("phases", "start_date")})
    if params.get("from_subscription") is not None:
        found = world.referred("subscription", params["from_subscription"], "from_subscription")
        made |= {"customer": found["customer"], "phases": [_present(world, found)]}
        _attach(world, made, found)
        return world.put(made)
    if params.get("customer") is None:
        raise parameter_missing("customer")
    if not params.get("phases"):
        raise parameter_missing("phases")
    customer = world.referred("customer", params["customer"], "customer")
    now = world.time_of(customer)
    made["test_clock"] = customer["test_clock"]
    start = params.get("start_date")
    begin = start if isinstance(start, int) else now
    made["phases"] = _phases(world, params["phases"], begin)
    if begin <= now:
        given = {"customer": customer["id"], "items": _items(made["phases"][0])}
        _attach(world, made, subscriptions.create(world, given, ()))
    return world.put(made)


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = _open(world, ids[0])
    world.apply(found, {k: v for k, v in params.items() if k != "phases"})
    if params.get("phases"):
        begin = found["phases"][0]["start_date"] if found["phases"] else int(world.now())
        found["phases"] = _phases(world, params["phases"], begin)
        first = found["phases"][0]
        if found["current_phase"] is not None:
            found["current_phase"] = {k: first[k] for k in ("start_date", "end_date")}
    return world.put(found)


def cancel(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = _open(world, ids[0])
    found |= {"status": "canceled", "canceled_at": world.time_of(found), "current_phase": None}
    held = world.store.get("subscription", found["subscription"] or "")
    if held is not None and held["status"] != "canceled":
        end(world, held, {"reason": "cancellation_requested"})
    world.put(found)
    world.emit("subscription_schedule.canceled", found)
    return found


def release(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    return released(world, _open(world, ids[0]), "released")


def released(world: World, schedule: Fields, status: str) -> Fields:
    """The subscription goes on without the schedule."""
    now = world.time_of(schedule)
    held = world.store.get("subscription", schedule["subscription"] or "")
    schedule |= {"status": status, f"{status}_at": now, "current_phase": None}
    if held is not None:
        schedule |= {"released_subscription": held["id"], "subscription": None}
        world.put(held | {"schedule": None})
    world.put(schedule)
    world.emit(f"subscription_schedule.{status}", schedule)
    return schedule


def enter_phases(world: World, subscription: Fields, now: int) -> bool:
    """Begin the phase that is due; True if it changed the subscription, which is then billed."""
    schedule = world.store.get("subscription_schedule", subscription["schedule"] or "")
    if schedule is None:
        return False
    current = schedule["current_phase"] or {}
    if current.get("end_date") is None or current["end_date"] > now:
        return False
    following = next(
        (p for p in schedule["phases"] if p["start_date"] == current["end_date"]), None
    )
    if following is None:
        if schedule["end_behavior"] == "cancel":
            world.put(schedule | {"status": "completed", "completed_at": now})
            end(world, subscription, {})
            return True
        released(world, schedule, "released")
        subscription["schedule"] = None
        return False
    schedule["current_phase"] = {k: following[k] for k in ("start_date", "end_date")}
    world.put(schedule)
    gone = [{"id": row["id"], "deleted": True} for row in subscription["items"]["data"]]
    given = {
        "items": _items(following) + gone,
        "proration_behavior": "none",
        "billing_cycle_anchor": "now",
    }
    subscriptions.update(world, given, (subscription["id"],))
    return True


def _open(world: World, key: str) -> Fields:
    found = world.named_by_path("subscription_schedule", key, "schedule")
    if found["status"] not in ("not_started", "active"):
        raise invalid_request(
            f"This schedule can no longer be changed: its status is {found['status']}."
        )
    return found


def _attach(world: World, schedule: Fields, subscription: Fields) -> None:
    first = schedule["phases"][0]
    schedule |= {
        "status": "active",
        "subscription": subscription["id"],
        "current_phase": {k: first[k] for k in ("start_date", "end_date")},
    }
    world.put(subscription | {"schedule": schedule["id"]})


def _phases(world: World, given: list[Fields], begin: int) -> list[Fields]:
    shape = world.kind("subscription_schedule").part("phases", given, world.store.get)
    made: list[Fields] = shape
    for phase, row in zip(made, given, strict=True):
        phase["start_date"] = begin
        phase["end_date"] = begin = _end(world, row, begin)
    return made


def _end(world: World, row: Fields, begin: int) -> int:
    last: Any = row.get("end_date")
    if isinstance(last, int):
        return last
    duration = row.get("duration")
    if duration is not None:
        return period_end(begin, {"interval_count": 1, **duration})
    price = world.referred(
        "price", row["items"][0].get("price") or "", "phases[0][items][0][price]"
    )
    times = row.get("iterations") or 1
    for _ in range(times):
        begin = period_end(begin, price["recurring"])
    return begin


def _items(phase: Fields) -> list[Fields]:
    return [{"price": row["price"], "quantity": row["quantity"] or 1} for row in phase["items"]]


def _present(world: World, subscription: Fields) -> Fields:
    """The phase that a subscription is in."""
    rows = subscription["items"]["data"]
    given = [{"items": [{"price": r["price"]["id"], "quantity": r["quantity"]} for r in rows]}]
    phase: Fields = world.kind("subscription_schedule").part("phases", given, world.store.get)[0]
    return phase | {
        "currency": subscription["currency"],
        "start_date": rows[0]["current_period_start"],
        "end_date": rows[0]["current_period_end"],
    }


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/subscription_schedules": create,
        "POST /v1/subscription_schedules/{schedule}": update,
        "POST /v1/subscription_schedules/{schedule}/cancel": cancel,
        "POST /v1/subscription_schedules/{schedule}/release": release,
    }
)
