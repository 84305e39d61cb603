"""What a parameter says about the object that a call made: how much a difference in it weighs.

Names, not shapes: the catalog has no schema of answers that says which parameter an object shows, and
in Stripe's API a name means the same in every resource.
"""

from __future__ import annotations

import re

_MONEY = re.compile(r"(?:.*_)?amounts?(?:_.*)?|percent_off|percentage")
ALWAYS_SHOWN = frozenset({"amount", "currency", "customer", "payment_intent", "charge"})
"""Never null in an object that was made with them."""
REFERENCES = frozenset(
    {"customer", "customer_account", "payment_intent", "charge", "invoice", "subscription", "price",
     "product", "plan", "destination", "on_behalf_of", "source_transaction", "transfer", "account"}
)  # fmt: skip
TEXTS = frozenset(
    {"description", "email", "receipt_email", "name", "nickname", "lookup_key", "code",
     "client_reference_id", "transfer_group", "id"}
)  # fmt: skip
_CHOICES = frozenset({"currency", "type", "mode", "reason", "duration"})
"""What differs for certain, and tells no object from others."""
_MONEY_LISTS = frozenset(
    {"items", "line_items", "invoice_items", "add_invoice_items", "lines", "phases", "tiers",
     "price_data", "currency_options"}
)  # fmt: skip
NEVER_SHOWN = frozenset({"line_items", "tiers", "currency_options", "price_data"})
"""Left out by Stripe, or shown only to who expands them."""


def is_money(name: str) -> bool:
    """Return whether it is an amount, or a share of one."""
    return _MONEY.fullmatch(name) is not None


def identifies(name: str) -> bool:
    """Return whether an equal value tells the object from others of its kind."""
    return (
        is_money(name)
        or name in REFERENCES
        or name in TEXTS
        or name in _MONEY_LISTS
        or name in ("metadata", "phone", "value")
    )


def is_certain(name: str) -> bool:
    """Return whether another value means another object."""
    return is_money(name) or name in REFERENCES or name in TEXTS or name in _CHOICES


def matters_unseen(name: str) -> bool:
    """Return whether a person has to accept that the object does not show it."""
    return is_money(name) or name in _MONEY_LISTS or name in ALWAYS_SHOWN or name == "price"


def is_leaf_certain(leaf: str) -> bool:
    """Return whether a nested value is as certain as a parameter: money and what it is for."""
    return is_money(leaf) or leaf in ("currency", "price", "interval", "interval_count")
