"""Weigh parameters for the comparison of an object with the call that may have made it.

It goes by names: the catalog does not say which parameters an object shows, and in Stripe's API a
name means the same in every resource.
"""

from __future__ import annotations

import re

_MONEY = re.compile(r"(?:.*_)?amounts?(?:_.*)?|percent_off|percentage")
ALWAYS_SHOWN = frozenset({"amount", "currency", "customer", "payment_intent", "charge"})
"""Parameters that are never null in an object which was made with them."""
REFERENCES = frozenset(
    {"customer", "customer_account", "payment_intent", "charge", "invoice", "subscription", "price",
     "product", "plan", "destination", "on_behalf_of", "source_transaction", "transfer", "account"}
)  # fmt: skip
TEXTS = frozenset(
    {"description", "email", "receipt_email", "name", "nickname", "lookup_key", "code",
     "client_reference_id", "transfer_group", "id"}
)  # fmt: skip
_CHOICES = frozenset({"currency", "type", "mode", "reason", "duration"})
"""Parameters of which another value is another object, and the same value shows nothing."""
_MONEY_LISTS = frozenset(
    {"items", "line_items", "invoice_items", "add_invoice_items", "lines", "phases", "tiers",
     "price_data", "currency_options"}
)  # fmt: skip
NEVER_SHOWN = frozenset({"line_items", "tiers", "currency_options", "price_data"})
"""Parameters that Stripe leaves out of objects, or shows only when they are expanded."""


def is_amount(name: str) -> bool:
    """Return whether the parameter is an amount or a percentage."""
    return _MONEY.fullmatch(name) is not None


def identifies(name: str) -> bool:
    """Return whether an equal value tells the object from others of its kind."""
    return (
        is_amount(name)
        or name in REFERENCES
        or name in TEXTS
        or name in _MONEY_LISTS
        or name in ("metadata", "phone", "value")
    )


def is_certain(name: str) -> bool:
    """Return whether another value means another object."""
    return is_amount(name) or name in REFERENCES or name in TEXTS or name in _CHOICES


def matters_unseen(name: str) -> bool:
    """Return whether a person has to accept that the object does not show this parameter."""
    return is_amount(name) or name in _MONEY_LISTS or name in ALWAYS_SHOWN or name == "price"


def is_leaf_certain(leaf: str) -> bool:
    """Return whether another nested value means another object: money, and its price."""
    return is_amount(leaf) or leaf in ("currency", "price", "interval", "interval_count")
