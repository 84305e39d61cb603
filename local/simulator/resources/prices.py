"""Prices: of a product that is there, or of one that is made with them."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType

from stripe_flows.local.simulator.money import read_currency
from stripe_flows.local.simulator.problems import invalid_request, parameter_missing
from stripe_flows.local.simulator.values import Fields
from stripe_flows.local.simulator.world import Handlers, World


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
    """A new price of a product; `path` is where the parameters stand, for messages."""
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
    tiered = made["billing_scheme"] == "tiered" or params.get("custom_unit_amount") is not None
    if amount is None and exact is None and not tiered:
        raise parameter_missing(f"{path}[unit_amount]" if path else "unit_amount")
    if exact is not None:
        whole = Decimal(exact)
        made["unit_amount"] = int(whole) if whole == whole.to_integral_value() else None
    elif amount is not None:
        made["unit_amount_decimal"] = str(amount)
    return world.put(made)


HANDLERS: Handlers = MappingProxyType({"POST /v1/prices": create})
