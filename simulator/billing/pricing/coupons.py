"""Coupons and promotion codes: which can be redeemed, by whom and how often.

Source: Stripe's document "Coupons and promotion codes".
"""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

from stripe_flows.simulator.objects.ids import new_id
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import invalid_request, parameter_missing
from stripe_flows.simulator.types import Fields


class Bought(NamedTuple):
    """The purchase that a discount is for; a field is None while it is unknown."""

    amount: int | None = None
    currency: str | None = None


def create_coupon(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    percent, amount = params.get("percent_off"), params.get("amount_off")
    if percent is None and amount is None:
        raise invalid_request("Must provide percent_off or amount_off.", code="parameter_missing")
    if percent is not None and amount is not None:
        raise invalid_request("Give percent_off or amount_off, not both.")
    if percent is not None and not 0 < float(percent) <= 100:
        raise invalid_request("percent_off is more than 0 and at most 100.", param="percent_off")
    if amount is not None and params.get("currency") is None:
        raise parameter_missing("currency")
    if params.get("duration") == "repeating" and params.get("duration_in_months") is None:
        raise parameter_missing("duration_in_months")
    _check_future(world, params, "redeem_by")
    made = world.new("coupon")
    coupon_id = params.get("id")
    if coupon_id is not None:
        if world.store.get("coupon", coupon_id) is not None:
            raise invalid_request(
                "Coupon already exists.", code="resource_already_exists", param="id"
            )
        made["id"] = coupon_id
    world.apply(made, params)
    return world.put(made)


def retrieve_coupon(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("coupon", ids[0], "coupon")
    return found | {"valid": found["valid"] and not _over(found["redeem_by"], int(world.now()))}


def create_promotion_code(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    coupon = world.referred("coupon", params["promotion"].get("coupon") or "", "promotion[coupon]")
    _check_future(world, params, "expires_at")
    given = params.get("restrictions") or {}
    if given.get("minimum_amount") is not None and given.get("minimum_amount_currency") is None:
        raise parameter_missing("restrictions[minimum_amount_currency]")
    made = world.new("promotion_code")
    made["code"] = new_id("", 8).upper()
    world.apply(made, params)
    for other in world.all("promotion_code", active=True):
        same_customer = other["customer"] == made["customer"]
        if other["code"].lower() == made["code"].lower() and same_customer:
            raise invalid_request(
                f"An active promotion code with `code: {made['code']}` already exists.",
                param="code",
            )
    made["active"] = made["active"] and coupon["valid"]
    return world.put(made)


def check_coupon(coupon: Fields, currency: str | None, now: int, param: str) -> None:
    """Raise `Problem` (400) for a coupon that has expired or does not apply to this purchase."""
    if not coupon["valid"] or _over(coupon["redeem_by"], now):
        raise invalid_request(
            f"Coupon {coupon['id']} is expired and cannot be applied.",
            code="coupon_expired",
            param=param,
        )
    if coupon["amount_off"] is None or currency is None:
        return
    if currency not in (coupon["currency"], *(coupon["currency_options"] or {})):
        raise invalid_request(
            f"The coupon {coupon['id']} is in {coupon['currency']}, and has no amount in "
            f"{currency}.",
            param=param,
        )


def check_code(
    world: World, code: Fields, customer: str | None, bought: Bought, now: int, param: str
) -> None:
    """Raise `Problem` (400) for a promotion code that this customer cannot redeem for this
    purchase.
    """
    reason = None
    restrictions = code["restrictions"]
    least = _least(restrictions, bought.currency)
    if not code["active"]:
        reason = "it is not active"
    elif _over(code["expires_at"], now):
        reason = "it is expired"
    elif code["customer"] not in (None, customer):
        reason = "it is another customer's"
    elif restrictions["first_time_transaction"] and _has_paid(world, customer):
        reason = "the associated customer has prior transactions"
    elif least is not None and bought.amount is not None and bought.amount < least:
        reason = f"the amount is less than its minimum amount of {least}"
    if reason is not None:
        message = f"This promotion code cannot be redeemed because {reason}."
        raise invalid_request(message, param=param)


def count_redemption(world: World, coupon: Fields, code: Fields | None) -> None:
    """Count one redemption. A coupon or a code at its maximum becomes invalid."""
    for one in (coupon, code):
        if one is None:
            continue
        one["times_redeemed"] += 1
        limit = one["max_redemptions"]
        if limit is not None and one["times_redeemed"] >= limit:
            one["valid" if one["object"] == "coupon" else "active"] = False
        world.put(one)


def _least(restrictions: Fields, currency: str | None) -> int | None:
    least: int | None = restrictions["minimum_amount"]
    options = restrictions["currency_options"] or {}
    if currency in options:
        least = options[currency]["minimum_amount"]
    return least


def _has_paid(world: World, customer: str | None) -> bool:
    """Return whether the customer has a successful payment or a paid invoice with an amount."""
    if customer is None:
        return False
    paid = world.all("invoice", customer=customer, status="paid")
    intents = world.all("payment_intent", customer=customer, status="succeeded")
    return bool(intents) or any(one["amount_paid"] for one in paid)


def _check_future(world: World, params: Fields, name: str) -> None:
    if _over(params.get(name), int(world.now())):
        raise invalid_request(f"{name} must be in the future.", param=name)


def _over(moment: int | None, now: int) -> bool:
    return moment is not None and moment <= now


HANDLERS: Handlers = MappingProxyType(
    {
        "GET /v1/coupons/{coupon}": retrieve_coupon,
        "POST /v1/coupons": create_coupon,
        "POST /v1/promotion_codes": create_promotion_code,
    }
)
