"""Prices of an existing product, or of a product that is created with them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

from stripe_flows.simulator.money import read_currency
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import invalid_request, parameter_missing
from stripe_flows.simulator.types import Fields

_LONGEST = {"day": 3 * 365, "week": 156, "month": 36, "year": 3}


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    given, data = params.get("product"), params.get("product_data")
    if (given is None) == (data is None):
        if given is None:
            raise parameter_missing("product")
        raise invalid_request("Give product or product_data, not both.", param="product_data")
    if given is not None:
        product = world.referred("product", given, "product")["id"]
    else:
        made = world.new("product")
        world.apply(made, data or {})
        made["updated"] = made["created"]
        product = world.put(made)["id"]
    return make_price(world, params, product)


def make_price(world: World, params: Fields, product: str, path: str = "") -> Fields:
    """Create a price. `path` is the position of its parameters, for messages."""
    made = world.new("price")
    known = {k: v for k, v in params.items() if k not in ("product", "currency")}
    world.apply(made, known)
    made["currency"] = read_currency(params)
    made["product"] = product
    made["type"] = "recurring" if made["recurring"] else "one_time"
    amount, exact = params.get("unit_amount"), params.get("unit_amount_decimal")
    if amount is not None and exact is not None:
        raise invalid_request("Give unit_amount or unit_amount_decimal, not both.")
    if amount is not None and amount < 0:
        raise invalid_request(
            "This value must be at least 0.",
            code="parameter_invalid_integer",
            param=f"{path}[unit_amount]" if path else "unit_amount",
        )
    _check_interval(made["recurring"], path)
    _check_tiers(made, params)
    _take_lookup_key(world, made, params)
    tiered = made["billing_scheme"] == "tiered" or params.get("custom_unit_amount") is not None
    if amount is None and exact is None and not tiered:
        raise parameter_missing(f"{path}[unit_amount]" if path else "unit_amount")
    _fill_both(made, "unit_amount")
    return world.put(made)


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("price", ids[0], "price")
    product = world.store.get("product", found["product"]) or {}
    if params.get("active") is False and product.get("default_price") == found["id"]:
        raise invalid_request(
            "This price cannot be archived because it is the default price of its product.",
            param="active",
        )
    world.apply(found, params)
    _take_lookup_key(world, found, params)
    return world.put(found)


def check_active(world: World, price: Fields, param: str) -> None:
    """Raise `Problem` (400) if the price or its product is archived."""
    if not price["active"]:
        raise invalid_request(
            "The price specified is inactive. This field only accepts active prices.", param=param
        )
    product = world.store.get("product", price["product"])
    if product is not None and not product["active"]:
        raise invalid_request(
            f"The price specified belongs to the product {product['id']}, which is inactive.",
            param=param,
        )


def check_quantity(row: Fields, param: str, least: int = 0) -> None:
    """Raise `Problem` (400) for a quantity below `least`."""
    if row.get("quantity", least) < least:
        raise invalid_request(
            f"This value must be greater than or equal to {least}.",
            code="parameter_invalid_integer",
            param=param,
        )


def amount_of(price: Fields, quantity: int) -> int:
    """Return the cost of a quantity, in the smallest unit (Stripe's "Tiered pricing")."""
    if price["billing_scheme"] == "tiered":
        return _tiered(price, quantity)
    transform = price["transform_quantity"]
    if transform is not None:
        whole, rest = divmod(quantity, transform["divide_by"])
        quantity = whole + (1 if rest and transform["round"] == "up" else 0)
    unit = Decimal(price["unit_amount_decimal"] or price["unit_amount"] or 0)
    return int((unit * quantity).to_integral_value(ROUND_HALF_UP))


def _tiered(price: Fields, quantity: int) -> int:
    total, below = Decimal(0), 0
    for tier in price["tiers"]:
        end = tier["up_to"]
        last = end is None or quantity <= end
        inside = quantity if price["tiers_mode"] == "volume" else quantity - below
        if not last and price["tiers_mode"] == "graduated":
            inside = end - below
        if last or price["tiers_mode"] == "graduated":
            total += Decimal(tier["unit_amount_decimal"] or tier["unit_amount"] or 0) * inside
            total += Decimal(tier["flat_amount_decimal"] or tier["flat_amount"] or 0)
        if last:
            break
        below = end
    return int(total.to_integral_value(ROUND_HALF_UP))


def _check_interval(recurring: Fields | None, path: str) -> None:
    """Raise `Problem` (400) for an interval that is invalid or longer than three years."""
    if recurring is None:
        return
    count, unit = recurring["interval_count"], recurring["interval"]
    place = f"{path}[recurring]" if path else "recurring"
    if count < 1:
        raise invalid_request(
            "This value must be greater than or equal to 1.",
            code="parameter_invalid_integer",
            param=f"{place}[interval_count]",
        )
    if count > _LONGEST[unit]:
        raise invalid_request(
            f"A period is three years long at most: {_LONGEST[unit]} {unit}s.",
            param=f"{place}[interval_count]",
        )


def _check_tiers(made: Fields, params: Fields) -> None:
    given = params.get("tiers")
    if made["billing_scheme"] != "tiered":
        if given:
            raise invalid_request("Tiers need billing_scheme=tiered.", param="tiers")
        return
    for name in ("unit_amount", "unit_amount_decimal"):
        if params.get(name) is not None:
            raise invalid_request(
                f"{name} cannot be set with billing_scheme=tiered: each tier has its own.",
                param=name,
            )
    if not given:
        raise parameter_missing("tiers")
    if params.get("tiers_mode") is None:
        raise parameter_missing("tiers_mode")
    if given[-1].get("up_to") != "inf":
        raise invalid_request("The last tier goes up to inf.", param="tiers")
    for shown, row in zip(made["tiers"], given, strict=True):
        shown["up_to"] = None if row["up_to"] == "inf" else row["up_to"]
        for name in ("unit_amount", "flat_amount"):
            _fill_both(shown, name)


def _fill_both(holder: Fields, name: str) -> None:
    """Set the integer and the decimal form of an amount, whichever was given."""
    whole, exact = holder[name], holder[f"{name}_decimal"]
    if exact is not None:
        value = Decimal(exact)
        holder[name] = int(value) if value == value.to_integral_value() else None
    elif whole is not None:
        holder[f"{name}_decimal"] = str(whole)


def _take_lookup_key(world: World, price: Fields, params: Fields) -> None:
    """Give a lookup key to a price. It is moved from another price only on request."""
    key = params.get("lookup_key")
    if key is None:
        return
    for other in world.all("price", lookup_key=key):
        if other["id"] == price["id"]:
            continue
        if not params.get("transfer_lookup_key"):
            raise invalid_request(
                f"A price (`{other['id']}`) already uses that lookup key.", param="lookup_key"
            )
        world.put(other | {"lookup_key": None})


HANDLERS: Handlers = MappingProxyType(
    {"POST /v1/prices": create, "POST /v1/prices/{price}": update}
)
