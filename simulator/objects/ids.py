"""Ids with Stripe's prefixes and lengths."""

from __future__ import annotations

import os
import random
import string
from collections.abc import Callable

_ALPHABET = (string.ascii_letters + string.digits).encode()
_LETTERS = bytes(_ALPHABET[number % len(_ALPHABET)] for number in range(256))

_random_bytes: Callable[[int], bytes] = os.urandom


def new_id(prefix: str, length: int) -> str:
    """Return `prefix` and `length` random letters and digits: `new_id("cus_", 14)`."""
    return prefix + _random_bytes(length).translate(_LETTERS).decode()


def new_request_id() -> str:
    """Return an id for the `Request-Id` header."""
    return new_id("req_", 14)


def seed_ids(seed: str) -> None:
    """Make the ids of this process the same sequence for the same seed."""
    global _random_bytes
    _random_bytes = random.Random(seed).randbytes
