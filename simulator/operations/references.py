"""Check that the objects which parameters name exist.

The parameter names, which are the same throughout Stripe's API, say which parameters do. Not
checked: accounts, because flows start with existing ones; files, which are created on another host;
and objects that only Stripe creates (mandates, tax codes).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from stripe_flows.engine.stripe.catalog import Operation
from stripe_flows.simulator.objects.object_types import object_type
from stripe_flows.simulator.objects.world import World
from stripe_flows.simulator.payments.payment_methods import any_payment_method
from stripe_flows.simulator.problems import resource_missing
from stripe_flows.simulator.types import Fields

NAMED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cardholder": ("issuing.cardholder",),
        "charge": ("charge",),
        "coupon": ("coupon",),
        "credit_grant": ("billing.credit_grant",),
        "customer": ("customer",),
        "default_price": ("price",),
        "default_tax_rates": ("tax_rate",),
        "discount": ("discount",),
        "entitlement_feature": ("entitlements.feature",),
        "financial_account": ("treasury.financial_account",),
        "from_subscription": ("subscription",),
        "invoice": ("invoice",),
        "invoice_item": ("invoiceitem",),
        "location": ("terminal.location",),
        "meter": ("billing.meter",),
        "payment_intent": ("payment_intent",),
        "payment_method_configuration": ("payment_method_configuration",),
        "payout": ("payout",),
        "personalization_design": ("issuing.personalization_design",),
        "plan": ("plan", "price"),
        "price": ("price", "plan"),
        "prices": ("price",),
        "product": ("product",),
        "products": ("product",),
        "promotion_code": ("promotion_code",),
        "quote": ("quote",),
        "refund": ("refund",),
        "setup_intent": ("setup_intent",),
        "shipping_rate": ("shipping_rate",),
        "source_transaction": ("charge",),
        "subscription": ("subscription",),
        "tax_rate": ("tax_rate",),
        "tax_rates": ("tax_rate",),
        "test_clock": ("test_helpers.test_clock",),
        "value_list": ("radar.value_list",),
    }
)
"""Parameter → resources that it can name, the most likely first."""

METHODS = frozenset({"default_payment_method", "payment_method"})
"""Parameters that name a payment method, or a test card that becomes one."""

FILTERS = frozenset({"charge", "customer", "invoice", "payment_intent", "subscription"})
"""Filters of a list that must name an object, which may be deleted."""

FREE = frozenset(
    {"currency_options", "documents", "evidence", "forwarding_settings", "metadata", "payload",
     "payment_details", "payment_method_data", "payment_method_details", "payment_method_options"}
)  # fmt: skip
"""Parameters with the caller's own text below them, or with data about something elsewhere."""


def check_references(world: World, operation: Operation, params: Fields) -> None:
    """Raise `Problem` (400, resource_missing) for the first parameter that names no object."""
    reads = operation.method == "GET"
    for name, value, path in _named(params, ""):
        if reads and (name not in FILTERS or name != path):
            continue
        if name in METHODS:
            any_payment_method(world, value, path)
            continue
        resources = NAMED[name]
        found = (world.store.get(resource, value) for resource in resources)
        there = next((one for one in found if one is not None), None)
        if there is None or (there.get("deleted") and not reads):
            raise resource_missing(object_type(resources[0]).noun, value, param=path)


def _named(value: Any, path: str) -> Iterator[tuple[str, str, str]]:
    """Return name, value and path of each parameter that names an object."""
    for name, member in value.items():
        inner = f"{path}[{name}]" if path else name
        if name in FREE:
            continue
        if isinstance(member, dict):
            yield from _named(member, inner)
        elif isinstance(member, str) and member and (name in NAMED or name in METHODS):
            yield name, member, inner
        elif isinstance(member, list):
            for index, one in enumerate(member):
                if isinstance(one, dict):
                    yield from _named(one, f"{inner}[{index}]")
                elif isinstance(one, str) and name in NAMED:
                    yield name, one, f"{inner}[{index}]"
