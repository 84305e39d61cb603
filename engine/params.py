"""The limit of `params`, the same for a start and for what a call hands on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

MAX_PARAMS = 65_536
"""Bytes of UTF-8 that `params` may have as JSON without spaces."""


def params_json(params: Mapping[str, Any]) -> str:
    """Return `params` as JSON without spaces. Raises TypeError, ValueError, RecursionError."""
    text = json.dumps(params, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    text.encode()  # raises UnicodeEncodeError, a ValueError, for half of a surrogate pair
    return text


def size_fault(text: str) -> str | None:
    """Return what is wrong with the size of `params_json`, to be read after "params"."""
    size = len(text.encode())
    return f"is {size:,} bytes of JSON; the limit is {MAX_PARAMS:,}" if size > MAX_PARAMS else None
