"""The form of Stripe's secret keys, and of the variables that a worker reads them from.

Stripe API reference, "API keys": secret keys begin with `sk_`, restricted keys with `rk_`.
"""

from __future__ import annotations

import re

MAX_KEY = 255
"""Characters of a key, and of a variable's name."""

# Dots are accepted because every document writes `sk_test_...` for a key.
_KEY = re.compile(r"(?:sk|rk)_[A-Za-z0-9_.-]+")
_VARIABLE = re.compile(r"STRIPE_(?!FLOWS_)[A-Z0-9_]+")


def is_key(text: str) -> bool:
    """Return whether the string has the form of a secret or restricted key."""
    return len(text) <= MAX_KEY and _KEY.fullmatch(text) is not None


def is_live(key: str) -> bool:
    """Return whether real money moves under the key."""
    return key.startswith(("sk_live_", "rk_live_"))


def is_test(key: str) -> bool:
    """Return whether the key is one of a test mode or sandbox."""
    return key.startswith(("sk_test_", "rk_test_"))


def is_key_variable(name: str) -> bool:
    """Return whether a key may be read from the environment variable `name`.

    Names begin with STRIPE_, but not with STRIPE_FLOWS_: those are settings.
    """
    return len(name) <= MAX_KEY and _VARIABLE.fullmatch(name) is not None
