"""Lines of a draft that are added and taken away by hand, several at once."""

from __future__ import annotations

from types import MappingProxyType

from stripe_flows.simulator.resources.invoice_lines import new_line, take_items
from stripe_flows.simulator.resources.invoice_totals import total
from stripe_flows.simulator.resources.invoices import wrong_status
from stripe_flows.simulator.resources.taxes import set_rates
from stripe_flows.simulator.values import Fields
from stripe_flows.simulator.world import Handlers, World


def add_lines(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("invoice", ids[0], "invoice")
    if found["status"] != "draft":
        raise wrong_status(found, "updated")
    for row in params["lines"]:
        item = world.store.get("invoiceitem", row.get("invoice_item") or "")
        if item is not None:
            take_items(world, found, [item])
            continue
        line = new_line(world, found, row.get("amount", 0), row.get("description"))
        set_rates(world, line, row.get("tax_rates"))
        world.apply(line, {k: v for k, v in row.items() if k in ("metadata", "period", "quantity")})
    total(world, found)
    return world.put(found)


def remove_lines(world: World, params: Fields, ids: tuple[str, ...]) -> Fields:
    found = world.named_by_path("invoice", ids[0], "invoice")
    if found["status"] != "draft":
        raise wrong_status(found, "updated")
    gone = {row["id"] for row in params["lines"]}
    found["lines"]["data"] = [row for row in found["lines"]["data"] if row["id"] not in gone]
    total(world, found)
    return world.put(found)


HANDLERS: Handlers = MappingProxyType(
    {
        "POST /v1/invoices/{invoice}/add_lines": add_lines,
        "POST /v1/invoices/{invoice}/remove_lines": remove_lines,
    }
)
