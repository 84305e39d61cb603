"""Discounts: a coupon applied to a subscription, an invoice or an item, and the amount it takes
off.

Source: Stripe's document "Coupons and promotion codes". A discount keeps a copy of its coupon:
deleting the coupon ends no discount.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import NamedTuple

from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.periods import period_end
from stripe_flows.simulator.problems import resource_missing
from stripe_flows.simulator.types import Fields

from .coupons import Bought, check_code, check_coupon, count_redemption

_COUPON_OF = "_coupon_of"


class Share(NamedTuple):
    """The amount that one discount takes off one amount: index of the amount, discount, amount off."""

    place: int
    discount: str
    amount: int


class Priced(NamedTuple):
    """An amount that can be discounted, and its product."""

    amount: int
    product: str | None = None


def offered_coupons(
    world: World, given: list[Fields], customer: str | None, bought: Bought, now: int
) -> list[Fields]:
    """Return the coupons that `discounts` names, directly or by codes. Raise `Problem` (400)."""
    return [
        _in_currency(_offer(world, row, customer, bought, now, f"discounts[{index}]")[0], bought)
        for index, row in enumerate(given)
        if row.get("discount") is None
    ]


def make_discounts(
    world: World,
    given: list[Fields],
    holder: Fields,
    customer: str | None,
    bought: Bought | None = None,
) -> list[str]:
    """Create the discounts that `discounts` names for a subscription, an invoice or an item.

    Return their ids. Raise `Problem` (400) for a coupon or a code that cannot be redeemed.
    """
    bought = bought or Bought()
    owner = world.store.get("customer", customer or "")
    now = world.time_of(owner)
    made = []
    for index, row in enumerate(given):
        path = f"discounts[{index}]"
        if row.get("discount") is not None:
            made.append(_existing(world, row["discount"], f"{path}[discount]"))
            continue
        coupon, code = _offer(world, row, customer, bought, now, path)
        count_redemption(world, coupon, code)
        made.append(_make(world, _in_currency(coupon, bought), code, holder, customer, now))
    return made


def in_force(world: World, discounts: list[str], now: int) -> list[str]:
    """Return the discounts that have not ended."""
    ends = (
        (discount_id, (world.store.get("discount", discount_id) or {}).get("end"))
        for discount_id in discounts
    )
    return [discount_id for discount_id, end in ends if end is None or end > now]


def used_up(world: World, discounts: list[str], taken: list[Fields]) -> list[str]:
    """Return the discounts that apply once and have been used.

    `taken`: amounts off, as on an invoice.
    """
    took = {row["discount"] for row in taken if row["amount"]}
    return [
        discount_id
        for discount_id in discounts
        if discount_id in took and _coupon(world, discount_id)["duration"] == "once"
    ]


def shares(world: World, discounts: list[str], amounts: list[Priced]) -> list[Share]:
    """Return what each discount takes off each amount.

    Discounts apply in order, each to what the previous one left.
    """
    return list(
        _shares([(discount_id, _coupon(world, discount_id)) for discount_id in discounts], amounts)
    )


def offered_shares(coupons: list[Fields], amounts: list[Priced]) -> list[Share]:
    """Return what coupons would take off, before they are redeemed."""
    return list(_shares([(coupon["id"], coupon) for coupon in coupons], amounts))


def delete_discount(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """Delete the discount of the customer or the subscription in the path."""
    resource = "customer" if ids[0].startswith("cus_") else "subscription"
    holder = world.named_by_path(resource, ids[0])
    if resource == "customer":
        found, holder["discount"] = holder.get("discount"), None
    else:
        keys = holder["discounts"]
        found = world.store.get("discount", keys[-1]) if keys else None
        holder["discounts"] = keys[:-1]
    world.put(holder)
    gone = found or world.new("discount") | {resource: ids[0]}
    return gone | {"deleted": True}


def _offer(
    world: World, row: Fields, customer: str | None, bought: Bought, now: int, path: str
) -> tuple[Fields, Fields | None]:
    code = None
    param, named = f"{path}[coupon]", row.get("coupon")
    if row.get("promotion_code") is not None:
        param = f"{path}[promotion_code]"
        code = world.referred("promotion_code", row["promotion_code"], param)
        named = code["promotion"]["coupon"]
    coupon = world.referred("coupon", named or "", param)
    check_coupon(coupon, bought.currency, now, param)
    if code is not None:
        check_code(world, code, customer, bought, now, param)
    return coupon, code


def _in_currency(coupon: Fields, bought: Bought) -> Fields:
    """Return the coupon with its amount in the currency of the purchase."""
    options = coupon["currency_options"] or {}
    if bought.currency not in options:
        return coupon
    return coupon | {"amount_off": options[bought.currency]["amount_off"]}


def _existing(world: World, discount_id: str, param: str) -> str:
    if world.store.get("discount", discount_id) is None:
        raise resource_missing("discount", discount_id, param=param)
    return discount_id


def _make(
    world: World,
    coupon: Fields,
    code: Fields | None,
    holder: Fields,
    customer: str | None,
    now: int,
) -> str:
    made = world.new("discount")
    months = coupon["duration_in_months"] if coupon["duration"] == "repeating" else None
    rhythm = {"interval": "month", "interval_count": months}
    made |= {
        "customer": customer,
        "promotion_code": None if code is None else code["id"],
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": now,
        "end": None if months is None else period_end(now, rhythm),
    }
    if holder["object"] in made:
        made[holder["object"]] = holder["id"]
    world.put(made)
    world.store.put(_COUPON_OF, {"id": made["id"], "coupon": coupon})
    return str(made["id"])


def _coupon(world: World, discount: str) -> Fields:
    kept = world.store.get(_COUPON_OF, discount)
    if kept is None:
        raise resource_missing("discount", discount, param="discounts")
    coupon: Fields = kept["coupon"]
    return coupon


def _shares(coupons: list[tuple[str, Fields]], amounts: list[Priced]) -> Iterator[Share]:
    left = [max(0, one.amount) for one in amounts]
    for discount_id, coupon in coupons:
        products = (coupon["applies_to"] or {}).get("products")
        fits = [n for n, one in enumerate(amounts) if products is None or one.product in products]
        whole = sum(left[n] for n in fits)
        off = coupon["amount_off"]
        if off is None:
            off = round(whole * float(coupon["percent_off"]) / 100)
        off = min(off, whole)
        reached = given = 0
        for n in fits:
            # Rounding on the running sum makes the shares add up, and none exceeds its amount.
            reached += left[n]
            mine = off * reached // max(1, whole) - given
            given += mine
            left[n] -= mine
            if mine:
                yield Share(n, discount_id, mine)


HANDLERS: Handlers = MappingProxyType(
    {
        "DELETE /v1/customers/{customer}/discount": delete_discount,
        "DELETE /v1/subscriptions/{subscription_exposed_id}/discount": delete_discount,
    }
)
