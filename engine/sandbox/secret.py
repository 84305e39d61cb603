"""What a script passed as `stripe_secret` → where the key comes from. No key is ever in a message."""

from __future__ import annotations

import re

from stripe_flows.engine.call import SecretSource

_REFERENCE = re.compile(r"env:(STRIPE_(?!FLOWS_)[A-Z0-9_]{1,100})")
_KEY = re.compile(r"(?:sk|rk)_[A-Za-z0-9_.-]{1,250}")


def read_secret(value: object) -> SecretSource | None:
    """The source of a key: None is the script's own handle. Gives None for anything else.

    A text is a reference `env:NAME` (a name that begins with STRIPE_ but not with STRIPE_FLOWS_) or
    a secret or restricted key (`sk_…`, `rk_…`; Stripe API reference, "API keys").
    """
    if value is None:
        return SecretSource(kind="own")
    if isinstance(value, str):
        reference = _REFERENCE.fullmatch(value)
        if reference:
            return SecretSource(kind="reference", value=reference[1])
        if _KEY.fullmatch(value):
            return SecretSource(kind="literal", value=value)
    return None
