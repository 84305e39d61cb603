"""Taxes: what tax rates add to an amount or include in it, and the status of Stripe Tax.

Source: Stripe's documents "Tax rates" and "Automatically collect tax on invoices". The simulated
account has no tax registrations: `automatic_tax` collects nothing, but an unknown customer location
is reported as Stripe reports it.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.problems import Problem, invalid_request
from stripe_flows.simulator.types import Fields

_RATES = "_tax_rates_of"
_EXEMPT = {"exempt": "customer_exempt", "reverse": "reverse_charge"}


def set_rates(world: World, line: Fields, rates: list[Fields] | list[str] | None) -> None:
    """Record the tax rates of a line; the line itself does not show them."""
    ids = [rate if isinstance(rate, str) else rate["id"] for rate in rates or []]
    if ids:
        world.store.put(_RATES, {"id": line["id"], "rates": ids})


def rates_of(world: World, line: Fields, default: list[Fields]) -> list[Fields]:
    """Return the tax rates of a line: its own, else those of the whole."""
    own = world.store.get(_RATES, line["id"])
    if own is None:
        return default
    found = (world.store.get("tax_rate", key) for key in own["rates"])
    return [rate for rate in found if rate is not None]


def taxes(rates: list[Fields], amount: int, exempt: str = "none") -> list[Fields]:
    """Return the taxes on an amount, one row for each rate, as an invoice line shows them."""
    inside = sum((Decimal(str(r["percentage"])) for r in rates if r["inclusive"]), Decimal(0))
    net = Decimal(amount) / (1 + inside / 100)
    reason = _EXEMPT.get(exempt)
    return [
        {
            "amount": 0 if reason else _rounded(net * Decimal(str(rate["percentage"])) / 100),
            "tax_behavior": "inclusive" if rate["inclusive"] else "exclusive",
            "tax_rate_details": {"tax_rate": rate["id"]},
            "taxability_reason": reason or "not_available",
            "taxable_amount": _rounded(net),
            "type": "tax_rate_details",
        }
        for rate in rates
    ]


def summed(rows: Iterable[Fields]) -> list[Fields]:
    """Return one row for each rate, in order of first appearance."""
    found: dict[Any, Fields] = {}
    for row in rows:
        key = row["tax_rate_details"]["tax_rate"], row["tax_behavior"]
        one = found.setdefault(key, row | {"amount": 0, "taxable_amount": 0})
        one["amount"] += row["amount"]
        one["taxable_amount"] += row["taxable_amount"]
    return list(found.values())


def added(rows: list[Fields]) -> int:
    """Return the tax that is added to the amounts."""
    return sum(row["amount"] for row in rows if row["tax_behavior"] == "exclusive")


def included(rows: list[Fields]) -> int:
    """Return the tax that the amounts include."""
    return sum(row["amount"] for row in rows if row["tax_behavior"] == "inclusive")


def automatic_status(customer: Fields | None) -> str:
    """Return the `automatic_tax[status]` for a customer."""
    return "complete" if _is_located(customer or {}) else "requires_location_inputs"


def check_location(customer: Fields, automatic_tax: Fields | None) -> None:
    """Raise `Problem` (400) if Stripe Tax is on and the customer's location is unknown."""
    if (automatic_tax or {}).get("enabled") and not _is_located(customer):
        raise location_unknown()


def location_unknown() -> Problem:
    return invalid_request(
        "The customer's location isn't recognized. Set a valid customer address in order to "
        "automatically calculate tax.",
        code="customer_tax_location_invalid",
    )


def _is_located(customer: Fields) -> bool:
    shipping = (customer.get("shipping") or {}).get("address")
    for address in (customer.get("address"), shipping):
        if address and address.get("country"):
            return True
    return bool((customer.get("tax") or {}).get("ip_address"))


def _rounded(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_HALF_UP))
