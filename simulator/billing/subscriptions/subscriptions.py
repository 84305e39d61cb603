"""Subscriptions: a customer, recurring prices, and the status after the first payment.

Source: Stripe's document "How subscriptions work" (statuses, payment behaviour, trials).
"""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.billing.invoices.lines import create_item
from stripe_flows.simulator.billing.pricing.taxes import check_location
from stripe_flows.simulator.objects.store import copied
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.payments.customers import check_attached
from stripe_flows.simulator.payments.payment_methods import payment_method
from stripe_flows.simulator.problems import invalid_request, parameter_missing
from stripe_flows.simulator.types import Fields

from .billing import begin_anew, bill, collect, discounts_for
from .cancellation import end
from .checks import check_change, check_currency, check_new
from .items import change_items, make_items
from .pending_updates import check_supported, discard, pay_or_wait
from .period_lines import UNBILLED_START
from .prorations import prorate
from .trials import announce_if_near, await_method, begin_trial, change_trial

_OWN = (
    "items",
    "trial_end",
    "currency",
    "discounts",
    "default_payment_method",
    "billing_cycle_anchor",
)

_OF_EXTRA = ("quantity", "price_data", "metadata", "discounts", "tax_rates")


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    if params.get("customer") is None:
        raise parameter_missing("customer")
    customer = world.referred("customer", params["customer"], "customer")
    if not params.get("items"):
        raise parameter_missing("items")
    now = world.time_of(customer)
    check_new(params, now)
    made = world.new("subscription")
    made |= {"created": now, "start_date": now, "billing_cycle_anchor": now}
    made["test_clock"] = customer["test_clock"]
    world.apply(made, {k: v for k, v in params.items() if k not in _OWN})
    check_location(customer, made["automatic_tax"])
    begin_trial(made, params)
    set_anchor(world, made, params)
    _set_method(world, made, params)
    made["items"] = make_items(world, made, params["items"])
    made["currency"] = made["items"]["data"][0]["price"]["currency"]
    check_currency(world, customer["id"], made["currency"])
    if params.get("cancel_at_period_end"):
        cancel_at_end(world, made, True)
    set_end(made, params)
    discounts_for(world, made, params)
    made["status"] = "incomplete"
    world.put(made)
    if customer["currency"] is None:
        world.put(customer | {"currency": made["currency"]})
    for row in params.get("add_invoice_items") or []:
        _extra(world, made, row)
    invoice = bill(world, made, "subscription_create")
    if made["trial_end"] is not None:
        made["status"] = "trialing"
        announce_if_near(world, made)
        await_method(world, made)
    else:
        behaviour = params.get("payment_behavior", "allow_incomplete")
        off_session = bool(params.get("off_session"))
        collect(world, made, invoice, behaviour, off_session=off_session)
    return world.put(made)


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("subscription", ids[0], "subscription_exposed_id")
    ended = found["status"] in ("canceled", "incomplete_expired")
    if ended and set(params) - {"metadata", "cancellation_details"}:
        raise invalid_request("A canceled subscription can only have its metadata changed.")
    if found["schedule"] is not None and {"cancel_at", "cancel_at_period_end"} & set(params):
        raise invalid_request(
            f"The subscription is managed by the subscription schedule {found['schedule']}: when it "
            "is canceled is changed there."
        )
    check_change(found, params, world.time_of(found))
    return change(world, found, params)


def change(world: World, found: Fields, params: Fields) -> Fields:
    """Change a subscription, for a request or for a schedule."""
    check_supported(found, params)
    if {"items", "trial_end", "billing_cycle_anchor"} & set(params):
        discard(world, found)
    before = copied(found)
    world.apply(found, {k: v for k, v in params.items() if k not in _OWN})
    _set_method(world, found, params)
    discounts_for(world, found, params)
    if "cancel_at_period_end" in params:
        cancel_at_end(world, found, params["cancel_at_period_end"])
    anchor = (params.get("billing_cycle_anchor") or {}).get("type")
    begins_anew = change_trial(world, found, params) or anchor == "now"
    if params.get("items"):
        change_items(world, found, params["items"])
    set_end(found, params)
    for row in params.get("add_invoice_items") or []:
        _extra(world, found, row)
    return _billed(world, found, before, params, begins_anew=begins_anew)


def _billed(
    world: World, found: Fields, before: Fields, params: Fields, *, begins_anew: bool
) -> Fields:
    """Charge for a change: prorated now, with the next invoice, or not, as requested."""
    rows, old = found["items"]["data"], before["items"]["data"]
    behaviour = params.get("proration_behavior", "create_prorations")
    changed = rows != old
    restarted = begins_anew or (changed and _rhythms(rows) != _rhythms(old))
    if (changed or restarted) and behaviour != "none" and before["status"] != "trialing":
        prorate(world, found, old, at=params.get("proration_date"), restarts=restarted)
    if restarted:
        begin_anew(world, found)
    world.put(found)
    if restarted or (changed and behaviour == "always_invoice"):
        invoice = bill(world, found, "subscription_update", periods=restarted)
        behaviour = params.get("payment_behavior", "allow_incomplete")
        if behaviour == "pending_if_incomplete":
            return pay_or_wait(world, found, before, invoice, params)
        off_session = bool(params.get("off_session"))
        collect(world, found, invoice, behaviour, off_session=off_session)
    return world.put(found)


def cancel(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("subscription", ids[0], "subscription_exposed_id")
    if found["status"] in ("canceled", "incomplete_expired"):
        raise invalid_request(
            f"No such subscription: '{ids[0]}'", code="resource_missing", param="id", status=404
        )
    if params.get("prorate"):
        old, found["items"]["data"] = found["items"]["data"], []
        prorate(world, found, old)
        found["items"]["data"] = old
    if params.get("invoice_now"):
        bill(world, found, "subscription_update", periods=False)
    details = params.get("cancellation_details") or {}
    return end(world, found, details | {"reason": "cancellation_requested"})


def pause(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("subscription", ids[0], "subscription")
    found["status"] = "paused"
    world.put(found)
    world.emit("customer.subscription.paused", found)
    return found


def resume(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """Begin a period of a paused subscription, which is active after it is paid."""
    found = world.named_by_path("subscription", ids[0], "subscription")
    if found["status"] != "paused":
        raise invalid_request(
            f"Only a paused subscription can be resumed; this one is {found['status']}."
        )
    if params.get("billing_cycle_anchor", "now") == "now":
        begin_anew(world, found)
    world.put(found)
    invoice = bill(world, found, "subscription_update")
    collect(world, found, invoice, "allow_incomplete")
    if found["status"] == "active":
        world.emit("customer.subscription.resumed", found)
    else:
        found["status"] = "paused"
    return world.put(found)


def _set_method(world: World, found: Fields, params: Fields) -> None:
    named = params.get("default_payment_method")
    if named is None:
        if "default_payment_method" in params:
            found["default_payment_method"] = None
        return
    method = payment_method(world, named, "default_payment_method")
    check_attached(method, found["customer"], named, "default_payment_method")
    found["default_payment_method"] = method["id"]


def _extra(world: World, found: Fields, row: Fields) -> None:
    given = {k: v for k, v in row.items() if k in _OF_EXTRA}
    if row.get("price") is not None:
        given["pricing"] = {"price": row["price"]}
    create_item(world, given | {"customer": found["customer"]}, ())


def _rhythms(rows: list[Fields]) -> set[tuple[str, int]]:
    return {
        (row["price"]["recurring"]["interval"], row["price"]["recurring"]["interval_count"])
        for row in rows
    }


def cancel_at_end(world: World, found: Fields, ends: bool) -> None:
    """Set or unset the cancellation at the end of the period."""
    last = max(item["current_period_end"] for item in found["items"]["data"])
    found["cancel_at_period_end"] = ends
    found["cancel_at"] = last if ends else None
    found["canceled_at"] = world.time_of(found) if ends else None
    found["cancellation_details"]["reason"] = "cancellation_requested" if ends else None


def set_end(found: Fields, params: Fields) -> None:
    """Set `cancel_at`, a time or the name of a period's end."""
    ends = [item["current_period_end"] for item in found["items"]["data"]]
    choice = {"min_period_end": min, "max_period_end": max, "max_billed_until": max}
    wanted = params.get("cancel_at")
    if isinstance(wanted, int):
        found["cancel_at"] = wanted
    elif isinstance(wanted, str) and wanted in choice and ends:
        found["cancel_at"] = choice[wanted](ends)


def set_anchor(world: World, made: Fields, params: Fields) -> None:
    """Set a later start of the billing cycle. The time until then is billed in part, or is free."""
    anchor = params.get("billing_cycle_anchor")
    if not isinstance(anchor, int) or made["trial_end"] is not None:
        return
    if anchor < made["created"]:
        raise invalid_request(
            "billing_cycle_anchor must be in the future.", param="billing_cycle_anchor"
        )
    made["billing_cycle_anchor"] = anchor
    if params.get("proration_behavior") == "none":
        world.store.put(UNBILLED_START, {"id": made["id"]})


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/subscriptions": create,
        "POST /v1/subscriptions/{subscription_exposed_id}": update,
        "DELETE /v1/subscriptions/{subscription_exposed_id}": cancel,
        "POST /v1/subscriptions/{subscription}/pause": pause,
        "POST /v1/subscriptions/{subscription}/resume": resume,
    }
)
