"""Billing of a subscription: invoices for its periods, prorations for changes in between.

Source: Stripe's documents "How subscriptions work" and "Prorations". An invoice is finalized when
it is created; Stripe leaves it a draft for about an hour.
"""

from __future__ import annotations

from stripe_flows.simulator.billing.invoices.invoices import (
    finalized,
    give_up_invoice,
    new_invoice,
    void_invoice,
)
from stripe_flows.simulator.billing.invoices.lines import take_items
from stripe_flows.simulator.billing.invoices.payments import charge, fail_without_method, payer
from stripe_flows.simulator.billing.invoices.pending_items import pending
from stripe_flows.simulator.billing.invoices.totals import total
from stripe_flows.simulator.billing.pricing.coupons import Bought
from stripe_flows.simulator.billing.pricing.discounts import in_force, make_discounts, used_up
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.periods import period_end
from stripe_flows.simulator.problems import Problem, invalid_request
from stripe_flows.simulator.types import Fields

from .dunning import schedule
from .period_lines import period_line
from .prorations import price_of


def draft(
    world: World,
    subscription: Fields,
    reason: str,
    *,
    periods: bool = True,
    since: int | None = None,
) -> Fields:
    """Return an invoice of the subscription, not stored: pending items and the items' periods.

    `since`: start of the period that has ended (seconds since 1970), for usage.
    """
    customer = world.referred("customer", subscription["customer"], "customer")
    given = {k: subscription[k] for k in ("collection_method", "currency", "days_until_due")}
    made = new_invoice(world, customer, {k: v for k, v in given.items() if v is not None})
    made |= {
        "auto_advance": reason != "upcoming",
        "automatic_tax": {**made["automatic_tax"], **subscription["automatic_tax"]},
        "billing_reason": reason,
        "default_tax_rates": list(subscription["default_tax_rates"] or []),
        "discounts": in_force(world, subscription["discounts"], world.time_of(subscription)),
        "parent": {
            "type": "subscription_details",
            "quote_details": None,
            "subscription_details": {
                "metadata": subscription["metadata"],
                "subscription": subscription["id"],
                "subscription_proration_date": None,
            },
        },
    }
    if since is not None:
        made["period_start"] = since
    mine = [one for one in pending(world, customer["id"]) if _of(one) in (None, subscription["id"])]
    take_items(world, made, [one for one in mine if one["currency"] == made["currency"]])
    for item in subscription["items"]["data"] if periods else ():
        period_line(world, made, subscription, item)
    total(world, made)
    return made


def bill(
    world: World,
    subscription: Fields,
    reason: str,
    *,
    periods: bool = True,
    since: int | None = None,
) -> Fields:
    """Create, store and finalize an invoice of the subscription."""
    made = draft(world, subscription, reason, periods=periods, since=since)
    _drop_used(world, subscription, made)
    world.put(made)
    subscription["latest_invoice"] = made["id"]
    return finalized(world, made)


def collect(
    world: World,
    subscription: Fields,
    invoice: Fields,
    behaviour: str,
    *,
    off_session: bool = False,
) -> None:
    """Try to collect an invoice and set the subscription's status.

    Raise `Problem` if the payment fails and the change depends on it.
    """
    if invoice["status"] == "paid" or subscription["collection_method"] == "send_invoice":
        subscription["status"] = "active"
        return
    failed = "incomplete" if invoice["billing_reason"] == "subscription_create" else "past_due"
    if behaviour == "default_incomplete":
        subscription["status"] = failed
        return
    method = payer(world, invoice)
    if method is None and failed == "incomplete":
        raise invalid_request(
            "This customer has no attached payment source or default payment method. Please "
            "consider adding a default payment method.",
            code="resource_missing",
        )
    problem: Problem | None = None
    if method is None:
        fail_without_method(world, invoice)
    else:
        automatic = invoice["billing_reason"] == "subscription_cycle"
        problem = charge(
            world, invoice, method, off_session=off_session or automatic, automatic=automatic
        )
        if problem is None:
            subscription["status"] = "active"
            return
    if problem is not None and behaviour == "error_if_incomplete":
        raise Problem(402, problem.error, saved=True, should_retry=False)
    subscription["status"] = failed
    if failed == "past_due":
        schedule(world, invoice)


def begin_anew(world: World, subscription: Fields) -> None:
    """Begin a new period, now, for every item."""
    now = world.time_of(subscription)
    for item in subscription["items"]["data"]:
        item["current_period_start"] = now
        item["current_period_end"] = period_end(now, item["price"]["recurring"])
    subscription["billing_cycle_anchor"] = now


def renew(world: World, subscription: Fields) -> None:
    """Begin the next period, at the time of the customer's clock."""
    now = world.time_of(subscription)
    since = min(item["current_period_start"] for item in subscription["items"]["data"])
    for item in subscription["items"]["data"]:
        if item["current_period_end"] <= now:
            item["current_period_start"] = item["current_period_end"]
            item["current_period_end"] = period_end(
                item["current_period_end"], item["price"]["recurring"]
            )
    paused = (subscription["pause_collection"] or {}).get("behavior")
    if subscription["status"] == "unpaid" or paused == "keep_as_draft":
        # A paused subscription, or one whose retries are over, gets a draft and no payment.
        made = draft(world, subscription, "subscription_cycle", since=since)
        made["auto_advance"] = False
        world.put(made)
        _drop_used(world, subscription, made)
        subscription["latest_invoice"] = made["id"]
        return
    invoice = bill(world, subscription, "subscription_cycle", since=since)
    if paused is not None and invoice["status"] == "open":
        close = void_invoice if paused == "void" else give_up_invoice
        close(world, invoice)
        return
    collect(world, subscription, invoice, "allow_incomplete")


def discounts_for(world: World, subscription: Fields, params: Fields) -> None:
    if "discounts" in params:
        given, customer = params["discounts"] or [], subscription["customer"]
        whole = sum(price_of(item) for item in subscription["items"]["data"])
        bought = Bought(whole, subscription["currency"])
        subscription["discounts"] = make_discounts(world, given, subscription, customer, bought)


def _drop_used(world: World, subscription: Fields, invoice: Fields) -> None:
    """Remove discounts that have ended, or that apply once and have been used."""
    now = world.time_of(subscription)
    taken = invoice["total_discount_amounts"]
    for holder in (subscription, *subscription["items"]["data"]):
        old = holder["discounts"]
        spent = used_up(world, old, taken)
        holder["discounts"] = [key for key in in_force(world, old, now) if key not in spent]
        for key in set(old) - set(holder["discounts"]):
            gone = world.referred("discount", key, "discounts")
            world.emit("customer.discount.deleted", gone)


def _of(item: Fields) -> str | None:
    details = ((item["parent"] or {}).get("subscription_details")) or {}
    found: str | None = details.get("subscription")
    return found
