"""Taxes: what tax rates add to an amount, or have in it already; and whether Stripe Tax could tell.

Source: Stripe's documents "Tax rates" and "Automatically collect tax on invoices". The simulated
account has no tax registrations: with `automatic_tax` nothing is collected, but where the customer's
location is not known, that is said as Stripe says it.
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
    """Note the tax rates that a line has for itself; the line does not show them."""
    ids = [rate if isinstance(rate, str) else rate["id"] for rate in rates or []]
    if ids:
        world.store.put(_RATES, {"id": line["id"], "rates": ids})


def rates_of(world: World, line: Fields, default: list[Fields]) -> list[Fields]:
    """The tax rates of a line: its own, or else those of the whole."""
    own = world.store.get(_RATES, line["id"])
    if own is None:
        return default
    found = (world.store.get("tax_rate", key) for key in own["rates"])
    return [rate for rate in found if rate is not None]


def taxes(rates: list[Fields], amount: int, exempt: str = "none") -> list[Fields]:
    """The tax on an amount, a row for each rate, as a line of an invoice shows it."""
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
    """One row for each rate, in the order in which they come first."""
    found: dict[Any, Fields] = {}
    for row in rows:
        key = row["tax_rate_details"]["tax_rate"], row["tax_behavior"]
        one = found.setdefault(key, row | {"amount": 0, "taxable_amount": 0})
        one["amount"] += row["amount"]
        one["taxable_amount"] += row["taxable_amount"]
    return list(found.values())


def added(rows: list[Fields]) -> int:
    """What has to be paid on top."""
    return sum(row["amount"] for row in rows if row["tax_behavior"] == "exclusive")


def included(rows: list[Fields]) -> int:
    """What is in the amounts already."""
    return sum(row["amount"] for row in rows if row["tax_behavior"] == "inclusive")


def automatic_status(customer: Fields | None) -> str:
    """The `automatic_tax[status]` of what a customer is billed with."""
    return "complete" if _is_located(customer or {}) else "requires_location_inputs"


def check_location(customer: Fields, automatic_tax: Fields | None) -> None:
    """Raises `Problem` (400) where Stripe Tax is on and does not know where the customer is."""
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
