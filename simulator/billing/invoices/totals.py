"""Totals of an invoice: discounts, then taxes, then the amount due."""

from __future__ import annotations

from collections import Counter

from stripe_flows.simulator.billing.pricing.discounts import Priced, shares
from stripe_flows.simulator.billing.pricing.taxes import (
    added,
    automatic_status,
    included,
    rates_of,
    summed,
    taxes,
)
from stripe_flows.simulator.money import least_charge
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.types import Fields


def total(world: World, invoice: Fields) -> None:
    """Add up an invoice. Discounts of a line are applied before those of the whole invoice."""
    lines = invoice["lines"]["data"]
    invoice["lines"] |= {"url": f"/v1/invoices/{invoice['id']}/lines", "total_count": len(lines)}
    for line in lines:
        line["discount_amounts"] = []
        _take_off(world, [line], line["discounts"])
    _take_off(world, [line for line in lines if line["discountable"]], invoice["discounts"])
    default, exempt = invoice["default_tax_rates"] or [], invoice["customer_tax_exempt"] or "none"
    for line in lines:
        line["taxes"] = taxes(rates_of(world, line, default), _left(line), exempt)
    subtotal = sum(line["amount"] for line in lines)
    all_taxes = [row for line in lines for row in line["taxes"]]
    net = sum(_left(line) for line in lines)
    whole = net + added(all_taxes)
    due, _ = due_and_balance(invoice, whole)
    invoice |= {
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal - included(all_taxes),
        "total": whole,
        "total_excluding_tax": net - included(all_taxes),
        "total_discount_amounts": _by_discount(lines),
        "total_taxes": summed(all_taxes),
        "total_pretax_credit_amounts": [],
        "amount_due": due,
        "amount_remaining": max(0, due - invoice["amount_paid"]),
    }
    if invoice["automatic_tax"]["enabled"]:
        customer = world.store.get("customer", invoice["customer"])
        invoice["automatic_tax"]["status"] = automatic_status(customer)


def due_and_balance(invoice: Fields, whole: int) -> tuple[int, int]:
    """Return what is due now for the total `whole`, and the customer's balance afterwards.

    The balance so far is added to the total. A sum that is too small to be charged is not due: the
    customer owes it with the next invoice. A negative total or sum is not due either: it stays in the
    balance, where less than zero is the customer's credit.
    """
    owed: int = whole + invoice["starting_balance"]
    if whole == 0:
        return 0, invoice["starting_balance"]
    if whole < 0 or owed < least_charge(invoice["currency"]):
        return 0, owed
    return owed, 0


def _take_off(world: World, lines: list[Fields], discounts: list[str]) -> None:
    amounts = [Priced(_left(line), _product(line)) for line in lines]
    for share in shares(world, discounts, amounts):
        row = {"amount": share.amount, "discount": share.discount}
        lines[share.place]["discount_amounts"].append(row)


def _left(line: Fields) -> int:
    """Return the amount of a line after its discounts."""
    off = sum(row["amount"] for row in line["discount_amounts"])
    return int(line["amount"] - off)


def _product(line: Fields) -> str | None:
    details = (line["pricing"] or {}).get("price_details") or {}
    product: str | None = details.get("product")
    return product


def _by_discount(lines: list[Fields]) -> list[Fields]:
    found: Counter[str] = Counter()
    for line in lines:
        for row in line["discount_amounts"]:
            found[row["discount"]] += row["amount"]
    return [{"amount": amount, "discount": key} for key, amount in found.items()]
