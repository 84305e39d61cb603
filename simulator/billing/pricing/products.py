"""Products, with an optional id of the caller's choice and an optional default price."""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.objects.listing import list_page
from stripe_flows.simulator.objects.world import Handlers, World
from stripe_flows.simulator.problems import invalid_request
from stripe_flows.simulator.types import Fields

from .prices import make_price


def create(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    made = world.new("product")
    product_id = params.get("id")
    if product_id is not None:
        if world.store.get("product", product_id) is not None:
            raise invalid_request(
                f"There is a product {product_id} already.",
                code="resource_already_exists",
                param="id",
            )
        made["id"] = product_id
    made["updated"] = made["created"]
    world.apply(made, {k: v for k, v in params.items() if k != "id"})
    if params.get("default_price_data") is not None:
        price = make_price(world, params["default_price_data"], made["id"], "default_price_data")
        made["default_price"] = price["id"]
    return world.put(made)


def update(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("product", ids[0])
    if params.get("default_price") is not None:
        price = world.referred("price", params["default_price"], "default_price")
        if price["product"] != found["id"]:
            raise invalid_request(
                f"The price {price['id']} belongs to another product.", param="default_price"
            )
    world.apply(found, params)
    found["updated"] = int(world.now())
    return world.put(found)


def delete(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("product", ids[0])
    prices = list_page(world, "price", "/v1/prices", {"product": found["id"], "limit": 1})
    if prices["data"]:
        raise invalid_request("A product that has prices cannot be deleted; it can be archived.")
    world.store.remove("product", found["id"])
    return {"id": found["id"], "object": "product", "deleted": True}


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/products": create,
        "POST /v1/products/{id}": update,
        "DELETE /v1/products/{id}": delete,
    }
)
