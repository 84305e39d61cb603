"""Ids with Stripe's prefixes and of the length that Stripe's have."""

from __future__ import annotations

import random
import string

_ALPHABET = string.ascii_letters + string.digits
_random = random.SystemRandom()


def new_id(prefix: str, length: int) -> str:
    """`prefix` and `length` random letters and digits: `new_id("cus_", 14)`."""
    return prefix + "".join(_random.choices(_ALPHABET, k=length))


def new_request_id() -> str:
    return new_id("req_", 14)
