"""Ids with Stripe's prefixes and of the length that Stripe's have."""

from __future__ import annotations

import os
import string

_ALPHABET = (string.ascii_letters + string.digits).encode()
_LETTERS = bytes(_ALPHABET[number % len(_ALPHABET)] for number in range(256))


def new_id(prefix: str, length: int) -> str:
    """`prefix` and `length` random letters and digits: `new_id("cus_", 14)`."""
    return prefix + os.urandom(length).translate(_LETTERS).decode()


def new_request_id() -> str:
    return new_id("req_", 14)
