"""What a script passed as `stripe_secret` → where the key comes from. No key is ever in a message."""

from __future__ import annotations

from stripe_flows.engine.call import SecretSource
from stripe_flows.engine.stripe.keys import is_key, is_key_variable


def read_secret(value: object) -> SecretSource | None:
    """The source of a key: None is the script's own handle. Gives None for anything else.

    A text is a reference `env:NAME` (a name that begins with STRIPE_ but not with STRIPE_FLOWS_) or
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
