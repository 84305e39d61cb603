"""Pending updates: changes of a subscription that wait until their invoice is paid.

Source: Stripe's "Pending updates reference". The subscription stays as it is until then. The change
is dropped when the invoice is void or the time is over.
"""

from __future__ import annotations

from stripe_flows.simulator.billing.invoices.invoices import void_invoice
from stripe_flows.simulator.billing.invoices.payments import charge, fail_without_method, payer
from stripe_flows.simulator.objects.store import copied
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.problems import invalid_request
from stripe_flows.simulator.types import Fields

PENDING_SECONDS = 23 * 3600
"""Seconds that a change waits at most."""

_WAITING = "_pending_update"
"""Shelf for the changed subscriptions, by the id of the invoice that has to be paid."""

_SUPPORTED = frozenset(
    {
        "payment_behavior", "proration_behavior", "proration_date", "billing_cycle_anchor", "items",
        "trial_end", "trial_from_plan", "add_invoice_items", "off_session",
    }
)  # fmt: skip

_UNSUPPORTED = ("cancel_at_period_end", "discount", "discounts", "metadata", "trial_from_plan")


def check_supported(found: Fields, params: Fields) -> None:
    """Raise `Problem` (400) for a change that cannot be pending."""
    if params.get("payment_behavior") != "pending_if_incomplete":
        return
    if found["collection_method"] != "charge_automatically":
        raise invalid_request(
            "payment_behavior=pending_if_incomplete is for subscriptions that are charged "
            "automatically.",
            param="payment_behavior",
        )
    for name in params:
        if name not in _SUPPORTED:
            raise invalid_request(
                f"{name} cannot be changed with payment_behavior=pending_if_incomplete: it is not "
                "supported by pending updates.",
                param=name,
            )


def discard(world: World, subscription: Fields) -> None:
    """Void the invoice of a pending change, which drops the change."""
    if subscription["pending_update"] is None:
        return
    for link in list(world.store.all(_WAITING)):
        invoice = world.store.get("invoice", link["id"])
        if link["subscription"]["id"] != subscription["id"] or invoice is None:
            continue
        if invoice["status"] in ("open", "uncollectible"):
            void_invoice(world, invoice)
        drop(world, invoice)
    subscription["pending_update"] = None


def pay_or_wait(
    world: World, changed: Fields, before: Fields, invoice: Fields, params: Fields
) -> Fields:
    """Try to collect a change.

    Return the changed subscription, or the old one with the change pending.
    """
    if invoice["status"] != "paid":
        method = payer(world, invoice)
        if method is None:
            fail_without_method(world, invoice)
        else:
            charge(world, invoice, method, off_session=bool(params.get("off_session")))
    if invoice["status"] == "paid":
        return world.put(changed)
    ends = [item["current_period_end"] for item in before["items"]["data"]]
    if before["status"] == "trialing":
        ends.append(before["trial_end"])
    now = world.time_of(before)
    same_anchor = changed["billing_cycle_anchor"] == before["billing_cycle_anchor"]
    pending = dict.fromkeys(_UNSUPPORTED) | {
        "billing_cycle_anchor": None if same_anchor else changed["billing_cycle_anchor"],
        "expires_at": min(now + PENDING_SECONDS, *ends),
        "subscription_items": copied(changed["items"]["data"]),
        "trial_end": changed["trial_end"] if "trial_end" in params else None,
    }
    world.store.put(_WAITING, {"id": invoice["id"], "subscription": changed})
    return world.put(before | {"latest_invoice": invoice["id"], "pending_update": pending})


def apply(world: World, invoice: Fields) -> None:
    """Apply the change whose invoice is paid."""
    link = world.store.get(_WAITING, invoice["id"])
    if link is None:
        return
    world.store.remove(_WAITING, invoice["id"])
    changed = link["subscription"]
    found = world.store.get("subscription", changed["id"])
    if found is None or found["status"] == "canceled":
        return
    names = ["items", "billing_cycle_anchor", "trial_start", "trial_end"]
    if found["status"] == "trialing":
        names.append("status")
    world.put(found | {name: changed[name] for name in names} | {"pending_update": None})
    world.emit("customer.subscription.pending_update_applied", found)


def drop(world: World, invoice: Fields) -> None:
    """Drop the change whose invoice will not be paid."""
    link = world.store.get(_WAITING, invoice["id"])
    if link is None:
        return
    world.store.remove(_WAITING, invoice["id"])
    found = world.store.get("subscription", link["subscription"]["id"])
    if found is not None:
        world.put(found | {"pending_update": None})
        world.emit("customer.subscription.pending_update_expired", found)


def expire(world: World, subscription: Fields) -> None:
    """Drop a pending update that has expired."""
    discard(world, subscription)
    world.put(subscription)
