"""When a subscription's cycle begins and when it ends, as its parameters say."""

from __future__ import annotations

from stripe_flows.simulator.problems import invalid_request
from stripe_flows.simulator.resources.period_lines import UNBILLED_START
from stripe_flows.simulator.values import Fields
from stripe_flows.simulator.world import World


def cancel_at_end(world: World, found: Fields, ends: bool) -> None:
    """Let a subscription end with its period, or not."""
    last = max(item["current_period_end"] for item in found["items"]["data"])
    found["cancel_at_period_end"] = ends
    found["cancel_at"] = last if ends else None
    found["canceled_at"] = world.time_of(found) if ends else None
    found["cancellation_details"]["reason"] = "cancellation_requested" if ends else None


def set_end(found: Fields, params: Fields) -> None:
    """`cancel_at` is a time, or names the end of a period."""
    ends = [item["current_period_end"] for item in found["items"]["data"]]
    choice = {"min_period_end": min, "max_period_end": max, "max_billed_until": max}
    wanted = params.get("cancel_at")
    if isinstance(wanted, int):
        found["cancel_at"] = wanted
    elif isinstance(wanted, str) and wanted in choice and ends:
        found["cancel_at"] = choice[wanted](ends)


def set_anchor(world: World, made: Fields, params: Fields) -> None:
    """A cycle that begins later: the time until then is billed in part, or not at all."""
    anchor = params.get("billing_cycle_anchor")
    if not isinstance(anchor, int) or made["trial_end"] is not None:
        return
    if anchor < made["created"]:
        raise invalid_request(
            "The anchor of a billing cycle lies in the future.", param="billing_cycle_anchor"
        )
    made["billing_cycle_anchor"] = anchor
    if params.get("proration_behavior") == "none":
        world.store.put(UNBILLED_START, {"id": made["id"]})
