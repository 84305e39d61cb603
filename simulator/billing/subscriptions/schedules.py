"""Subscription schedules: phases of a subscription, one after the other.

Source: Stripe's document "Subscription schedules". A change at the end of a period is billed with
the next one; a change within a period is prorated as the phase says.
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import invalid_request, parameter_missing
from stripe_flows.simulator.types import Fields

from . import subscriptions
from .cancellation import end
from .schedule_phases import as_subscription, bounds, items_of, present_phase, read_phases


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    made = world.new("subscription_schedule")
    world.apply(made, {k: v for k, v in params.items() if k not in ("phases", "start_date")})
    if params.get("from_subscription") is not None:
        found = world.referred("subscription", params["from_subscription"], "from_subscription")
        if found["schedule"] is not None:
            raise invalid_request(
                f"The subscription is managed by the schedule {found['schedule']} already.",
                param="from_subscription",
            )
        made |= {"customer": found["customer"], "test_clock": found["test_clock"]}
        made["phases"] = [present_phase(world, found)]
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
    made["phases"] = read_phases(world, params["phases"], start if isinstance(start, int) else now)
    if made["phases"][0]["start_date"] <= now:
        begin(world, made)
    return world.put(made)


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = _open(world, ids[0])
    world.apply(found, {k: v for k, v in params.items() if k != "phases"})
    if params.get("phases"):
        _change_phases(world, found, params)
    return world.put(found)


def cancel(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = _open(world, ids[0])
    found |= {"status": "canceled", "canceled_at": world.time_of(found), "current_phase": None}
    world.put(found)
    held = world.store.get("subscription", found["subscription"] or "")
    if held is not None and held["status"] != "canceled":
        end(world, held, {"reason": "cancellation_requested"})
    world.emit("subscription_schedule.canceled", found)
    return found


def release(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    return _released(world, _open(world, ids[0]))


def begin(world: World, schedule: Fields) -> None:
    """Begin the first phase and create its subscription."""
    phase = schedule["phases"][0]
    given = as_subscription(schedule, phase) | {"customer": schedule["customer"]}
    made = subscriptions.create(world, given | {"items": items_of(phase)}, ())
    _attach(world, schedule, made)
    world.put(schedule)


def turn(world: World, schedule: Fields) -> None:
    """End a phase: begin the next one, or end the schedule."""
    last = schedule["current_phase"]["end_date"]
    following = next((p for p in schedule["phases"] if p["start_date"] == last), None)
    held = world.referred("subscription", schedule["subscription"], "subscription")
    if following is not None:
        schedule["current_phase"] = bounds(following)
        world.put(schedule)
        _enter(world, schedule, held, following)
    elif schedule["end_behavior"] == "cancel":
        schedule |= {"status": "completed", "completed_at": world.time_of(schedule)}
        schedule["current_phase"] = None
        world.put(schedule)
        world.emit("subscription_schedule.completed", schedule)
        end(world, held, {})
    else:
        _released(world, schedule)


def _enter(world: World, schedule: Fields, held: Fields, phase: Fields) -> None:
    now = world.time_of(held)
    old = held["items"]["data"]
    over = all(row["current_period_end"] <= now for row in old)
    kept = {row["price"]["id"]: row["id"] for row in old}
    items = [{"id": kept.pop(row["price"]), **row} if row["price"] in kept else row
             for row in items_of(phase)]  # fmt: skip
    given = as_subscription(schedule, phase) | {
        "items": items + [{"id": key, "deleted": True} for key in kept.values()],
        # A change at the start of a period is billed with that period.
        "proration_behavior": "none" if over else phase["proration_behavior"],
    }
    if phase["billing_cycle_anchor"] == "phase_start" and not over:
        given["billing_cycle_anchor"] = {"type": "now"}
    subscriptions.change(world, held, given)


def _change_phases(world: World, schedule: Fields, params: Fields) -> None:
    """Replace the phases. The current one stays, and its changes take effect now."""
    present = schedule["current_phase"]
    start = params["phases"][0].get("start_date")
    first = schedule["phases"][0]["start_date"] if schedule["phases"] else int(world.now())
    phases = read_phases(world, params["phases"], start if isinstance(start, int) else first)
    if present is None:
        schedule["phases"] = phases
        return
    now = world.time_of(schedule)
    current = next((p for p in phases if p["start_date"] <= now < p["end_date"]), None)
    if current is None or current["start_date"] != present["start_date"]:
        raise invalid_request(
            "The phases have to begin with the current one, which began at "
            f"{present['start_date']}.",
            param="phases",
        )
    before = next(p for p in schedule["phases"] if p["start_date"] == present["start_date"])
    schedule |= {"phases": phases, "current_phase": bounds(current)}
    if items_of(before) != items_of(current):
        world.put(schedule)
        held = world.referred("subscription", schedule["subscription"], "subscription")
        behaviour = params.get("proration_behavior", "create_prorations")
        _enter(world, schedule, held, current | {"proration_behavior": behaviour})


def _released(world: World, schedule: Fields) -> Fields:
    """End the schedule and keep the subscription."""
    held = world.store.get("subscription", schedule["subscription"] or "")
    schedule |= {
        "status": "released",
        "released_at": world.time_of(schedule),
        "current_phase": None,
    }
    if held is not None:
        schedule |= {"released_subscription": held["id"], "subscription": None}
        world.put(held | {"schedule": None})
    world.put(schedule)
    world.emit("subscription_schedule.released", schedule)
    return schedule


def _open(world: World, schedule_id: str) -> Fields:
    found = world.named_by_path("subscription_schedule", schedule_id, "schedule")
    if found["status"] not in ("not_started", "active"):
        raise invalid_request(
            f"This schedule can no longer be changed: its status is {found['status']}."
        )
    return found


def _attach(world: World, schedule: Fields, subscription: Fields) -> None:
    schedule |= {
        "status": "active",
        "subscription": subscription["id"],
        "current_phase": bounds(schedule["phases"][0]),
    }
    world.put(subscription | {"schedule": schedule["id"]})


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/subscription_schedules": create,
        "POST /v1/subscription_schedules/{schedule}": update,
        "POST /v1/subscription_schedules/{schedule}/cancel": cancel,
        "POST /v1/subscription_schedules/{schedule}/release": release,
    }
)
