"""Coupons, promotion codes, and the discounts that they give to whatever is billed."""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.local.simulator.ids import new_id
from stripe_flows.local.simulator.problems import invalid_request, parameter_missing
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import Handlers, World


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
    made = world.new("coupon")
    key = params.get("id")
    if key is not None:
        if world.store.get("coupon", key) is not None:
            raise invalid_request(
                "Coupon already exists.", code="resource_already_exists", param="id"
            )
        made["id"] = key
    world.apply(made, params)
    return world.put(made)


def create_promotion_code(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    coupon = world.referred("coupon", params["promotion"].get("coupon") or "", "promotion[coupon]")
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


def make_discounts(
    world: World, given: list[Fields], holder: Fields, customer: str | None
) -> list[str]:
    """The discounts that `discounts` names, given to a subscription, an invoice or an item; ids."""
    return [_make(world, row, holder, customer, index) for index, row in enumerate(given)]


def taken_off(world: World, discounts: list[str], amount: int) -> list[Fields]:
    """What each discount takes off an amount, in order: `{"amount", "discount"}`."""
    found = []
    for key in discounts:
        discount = world.store.get("discount", key)
        coupon = discount and world.store.get("coupon", discount["source"]["coupon"])
        if coupon is None:
            continue
        if coupon["amount_off"] is not None:
            off = coupon["amount_off"]
        else:
            off = round(amount * float(coupon["percent_off"]) / 100)
        off = min(off, amount)
        amount -= off
        found.append({"amount": off, "discount": key})
    return found


def delete_discount(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    """Of a customer or of a subscription; both are named by the path."""
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


def _make(world: World, row: Fields, holder: Fields, customer: str | None, index: int) -> str:
    if row.get("discount") is not None:
        key: str = world.referred("discount", row["discount"], f"discounts[{index}][discount]")[
            "id"
        ]
        return key
    code = None
    coupon_id = row.get("coupon")
    if row.get("promotion_code") is not None:
        param = f"discounts[{index}][promotion_code]"
        code = world.referred("promotion_code", row["promotion_code"], param)
        if not code["active"]:
            raise invalid_request("This promotion code is inactive.", param=param)
        if code["customer"] not in (None, customer):
            raise invalid_request("This promotion code is another customer's.", param=param)
        coupon_id = code["promotion"]["coupon"]
    coupon = world.referred("coupon", coupon_id or "", f"discounts[{index}][coupon]")
    _redeem(world, coupon, code)
    made = world.new("discount")
    made |= {
        "customer": customer,
        "promotion_code": None if code is None else code["id"],
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": int(world.now()),
    }
    if holder["object"] in made:
        made[holder["object"]] = holder["id"]
    world.put(made)
    return str(made["id"])


def _redeem(world: World, coupon: Fields, code: Fields | None) -> None:
    if not coupon["valid"]:
        raise invalid_request("This coupon has expired.", code="coupon_expired")
    for one in (coupon, code):
        if one is None:
            continue
        one["times_redeemed"] += 1
        limit = one["max_redemptions"]
        spent = limit is not None and one["times_redeemed"] >= limit
        if spent:
            one["valid" if one["object"] == "coupon" else "active"] = False
        world.put(one)


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/coupons": create_coupon,
        "POST /v1/promotion_codes": create_promotion_code,
        "DELETE /v1/customers/{customer}/discount": delete_discount,
        "DELETE /v1/subscriptions/{subscription_exposed_id}/discount": delete_discount,
    }
)
