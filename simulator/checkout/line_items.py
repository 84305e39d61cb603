"""Line items of a checkout session or a quote, with discounts and taxes."""

from __future__ import annotations

from stripe_flows.simulator.billing.pricing.discounts import Priced, offered_shares
from stripe_flows.simulator.billing.pricing.prices import amount_of, check_active, make_price
from stripe_flows.simulator.billing.pricing.taxes import added, taxes
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.problems import parameter_missing
from stripe_flows.simulator.types import Fields


def offered(world: World, row: Fields, path: str) -> Fields:
    """Return a line item for these parameters. Raise `Problem` (400)."""
    if row.get("price_data") is not None:
        data = row["price_data"]
        product = data.get("product")
        if product is None:
            new = world.new("product")
            world.apply(new, data.get("product_data") or {})
            product = world.put(new)["id"]
        price = make_price(world, data, product, f"{path}[price_data]")
    elif row.get("price") is not None:
        price = world.referred("price", row["price"], f"{path}[price]")
        check_active(world, price, f"{path}[price]")
    else:
        raise parameter_missing(f"{path}[price]")
    made = world.new("item")
    quantity = row.get("quantity", 1)
    amount = amount_of(price, quantity)
    name = (world.store.get("product", price["product"]) or {}).get("name")
    return made | {
        "amount_subtotal": amount,
        "amount_total": amount,
        "currency": price["currency"],
        "description": name,
        "price": price,
        "quantity": quantity,
    }


def add_up(
    world: World, rows: list[Fields], given: list[Fields], coupons: list[Fields]
) -> tuple[int, Fields]:
    """Set discount, tax and total of each row. Return the sum of the totals and `total_details`.

    `given`: the parameters of the rows, with their `tax_rates`.
    """
    amounts = [Priced(row["amount_subtotal"], row["price"]["product"]) for row in rows]
    for share in offered_shares(coupons, amounts):
        rows[share.place]["amount_discount"] += share.amount
    for row, asked in zip(rows, given, strict=True):
        named = [
            world.referred("tax_rate", key, "tax_rates") for key in asked.get("tax_rates") or []
        ]
        net = row["amount_subtotal"] - row["amount_discount"]
        found = taxes(named, net)
        row |= {
            "amount_tax": sum(one["amount"] for one in found),
            "amount_total": net + added(found),
            "taxes": [
                {
                    "amount": tax["amount"],
                    "rate": rate,
                    "taxability_reason": tax["taxability_reason"],
                    "taxable_amount": tax["taxable_amount"],
                }
                for tax, rate in zip(found, named, strict=True)
            ],
        }
    details = {
        "amount_discount": sum(row["amount_discount"] for row in rows),
        "amount_shipping": 0,
        "amount_tax": sum(row["amount_tax"] for row in rows),
        "breakdown": None,
    }
    return sum(row["amount_total"] for row in rows), details


def as_items(rows: list[Fields]) -> list[Fields]:
    """Return the rows as parameters of items to buy."""
    return [
        {
            "price": row["price"]["id"],
            "quantity": row["quantity"],
            "tax_rates": [tax["rate"]["id"] for tax in row["taxes"] or []],
        }
        for row in rows
    ]
