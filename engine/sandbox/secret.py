"""Read the `stripe_secret` that a script passed: where the key comes from. No message holds a key."""

from __future__ import annotations

from stripe_flows.engine.call import SecretSource
from stripe_flows.engine.stripe.keys import is_key, is_key_variable


def read_secret(value: object) -> SecretSource | None:
    """Return the source of a key, or None if the value is not one. None is the script's own handle.

    A string is a reference `env:NAME` (a name that begins with STRIPE_ but not with STRIPE_FLOWS_) or
    a secret or restricted key (`sk_…`, `rk_…`; Stripe API reference, "API keys").
    """
    if value is None:
        return SecretSource(kind="own")
    if isinstance(value, str):
        name = value.removeprefix("env:")
        if name != value and is_key_variable(name):
            return SecretSource(kind="reference", value=name)
        if is_key(value):
            return SecretSource(kind="literal", value=value)
    return None
